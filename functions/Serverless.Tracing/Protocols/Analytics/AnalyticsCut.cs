namespace Serverless.Tracing.Protocols.Analytics;

/// <summary>How much of a span a line takes: all of it, unless the line would be longer than an event.</summary>
/// <param name="TextCharacters">Longer texts are cut.</param>
/// <param name="Items">Longer lists and bags are cut.</param>
internal sealed record AnalyticsCut(int TextCharacters, int Items)
{
    /// <summary>Everything.</summary>
    public static AnalyticsCut None { get; } = new(int.MaxValue, int.MaxValue);

    /// <summary>Steps of how much is left out, tried one after the other; the last is some kilobytes whatever the span.</summary>
    public static IReadOnlyList<AnalyticsCut> Steps { get; } = [new(4_096, 64), new(512, 16), new(256, 0)];

    /// <summary>The part of a text that is taken; never half of a surrogate pair.</summary>
    public ReadOnlySpan<char> Of(string text)
    {
        if (text.Length <= TextCharacters)
            return text;
        return text.AsSpan(0, char.IsHighSurrogate(text[TextCharacters - 1]) ? TextCharacters - 1 : TextCharacters);
    }
}

using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Alerting;

/// <summary>
/// A text with places for an alert's figures: <c>{{ labels.service }}</c>, <c>{{ value }}</c>, <c>{{ threshold }}</c>, <c>{{ window }}</c>;
/// a number may be followed by <c>| percent</c> (of a ratio), <c>| seconds</c> (as a duration) or <c>| count</c>.
/// </summary>
public sealed class AlertMessage
{
    private const string LabelPrefix = "labels.";

    private static readonly string[] Numbers = ["value", "threshold"];
    private static readonly string[] Formats = ["percent", "seconds", "count"];

    private readonly List<Part> _parts;

    private readonly string _text;

    private AlertMessage(string text, List<Part> parts)
    {
        _text = text;
        _parts = parts;
    }

    /// <summary>The labels that it names.</summary>
    public IEnumerable<string> Labels => _parts.Where(part => part.IsLabel).Select(part => part.Text);

    /// <summary>Reads a text.</summary>
    /// <exception cref="FormatException">A place is not closed or names something unknown; the message says which.</exception>
    public static AlertMessage Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = new List<Part>();
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf("{{", at, StringComparison.Ordinal);
            if (open < 0)
                break;
            var close = text.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
                throw new FormatException($"'{text[open..]}' is not closed by }}}}.");
            if (open > at)
                parts.Add(new Part(text[at..open]));
            parts.Add(Place(text[(open + 2)..close].Trim()));
            at = close + 2;
        }

        if (at < text.Length)
            parts.Add(new Part(text[at..]));
        return new AlertMessage(text, parts);
    }

    /// <summary>The text for an alert.</summary>
    public string Render(LabelSet labels, double value, double threshold, TimeSpan window)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part switch
            {
                { IsLabel: true } => labels[part.Text],
                { IsNumber: true } => Format(part.Text == Numbers[0] ? value : threshold, part.Format),
                { IsWindow: true } => AlertDuration.ToText(window),
                _ => part.Text,
            });
        }

        return text.ToString();
    }

    /// <summary>The text as it was read, with its places.</summary>
    public override string ToString() => _text;

    private static Part Place(string place)
    {
        var pieces = place.Split('|', 2, StringSplitOptions.TrimEntries);
        var format = pieces.Length > 1 ? pieces[1] : null;
        if (Numbers.Contains(pieces[0], StringComparer.Ordinal))
        {
            return format is null || Formats.Contains(format, StringComparer.Ordinal)
                ? new Part(pieces[0]) { IsNumber = true, Format = format }
                : throw new FormatException($"'{{{{ {place} }}}}': the format '{format}' is none of {string.Join(", ", Formats)}.");
        }

        if (format is not null)
            throw new FormatException($"'{{{{ {place} }}}}': only numbers have a format.");
        if (place.StartsWith(LabelPrefix, StringComparison.Ordinal) && place.Length > LabelPrefix.Length)
            return new Part(place[LabelPrefix.Length..]) { IsLabel = true };
        return place == "window"
            ? new Part(place) { IsWindow = true }
            : throw new FormatException($"'{{{{ {place} }}}}' is none of labels.NAME, value, threshold, window.");
    }

    private static string Format(double number, string? format) => format switch
    {
        "percent" => string.Create(CultureInfo.InvariantCulture, $"{number * 100:0.##} %"),
        "seconds" when Math.Abs(number) < 1 => string.Create(CultureInfo.InvariantCulture, $"{number * 1000:0.#} ms"),
        "seconds" => string.Create(CultureInfo.InvariantCulture, $"{number:0.##} s"),
        "count" => string.Create(CultureInfo.InvariantCulture, $"{number:#,0.##}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{number:0.######}"),
    };

    private sealed record Part(string Text)
    {
        public bool IsLabel { get; init; }

        public bool IsNumber { get; init; }

        public bool IsWindow { get; init; }

        public string? Format { get; init; }
    }
}

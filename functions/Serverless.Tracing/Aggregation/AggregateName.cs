namespace Serverless.Tracing.Aggregation;

/// <summary>Names as aggregates have them.</summary>
public static class AggregateName
{
    /// <summary>What stands for the operations, or services, above the number that is counted one by one.</summary>
    public const string Other = "(other)";

    /// <summary>A longer name counts under as many of its first characters.</summary>
    public const int MaxChars = 256;

    /// <summary>The part of a name that it counts under.</summary>
    public static ReadOnlySpan<char> Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length <= MaxChars)
            return name;
        return name.AsSpan(0, char.IsHighSurrogate(name[MaxChars - 1]) ? MaxChars - 1 : MaxChars);
    }
}

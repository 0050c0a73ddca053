namespace Serverless.Functions.Alerting.Rules;

/// <summary>Something that is wrong in a rule's file.</summary>
/// <param name="File">The file, without folder.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Key">The key, with those above it: <c>condition.threshold</c>; empty for the file as a whole.</param>
/// <param name="Problem">What is wrong, and what would be right.</param>
public sealed record RuleError(string File, long Line, long Column, string Key, string Problem)
{
    /// <summary>As compilers write it.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {(Key.Length > 0 ? $"'{Key}' " : "")}{Problem}";
}

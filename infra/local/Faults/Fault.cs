using System.Globalization;

namespace Serverless.Local;

/// <summary>One fault to inject: which operation, what happens to it, how often.</summary>
/// <param name="Operation">A name from <see cref="FaultOperations"/>, or a prefix ending in <c>*</c> (<c>table.*</c>).</param>
/// <param name="Kind">What happens.</param>
/// <param name="Probability">The chance that a call is struck, 0 to 1.</param>
/// <param name="Count">How many calls are struck at most; null for no end.</param>
/// <param name="Delay">For <see cref="FaultKind.Delay"/>: how long the call takes longer.</param>
/// <param name="Target">The hub or table that is struck, or a prefix ending in <c>*</c>; null for all of them.</param>
public sealed record Fault(
    string Operation, FaultKind Kind, double Probability = 1, int? Count = null, TimeSpan Delay = default, string? Target = null)
{
    /// <summary>
    /// Reads <c>operation[@target]:kind[:probability[:milliseconds]]</c>, as in <c>table.transaction:throttle:0.1</c>,
    /// <c>hub.send:delay:0.5:20</c> or <c>hub.send@analytics:fail</c>; kind is one of fail, throttle, delay, loseanswer, redeliver.
    /// </summary>
    /// <exception cref="FormatException">The text is not of that form; the message names the part.</exception>
    public static Fault Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is < 2 or > 4)
            throw new FormatException($"A fault is written operation[@target]:kind[:probability[:milliseconds]], not '{text}'.");
        var (operation, target) = parts[0].IndexOf('@', StringComparison.Ordinal) is >= 0 and var at ? (parts[0][..at], parts[0][(at + 1)..]) : (parts[0], null);
        if (!FaultOperations.All.Any(name => Matches(operation, name)))
            throw new FormatException($"'{operation}' is no operation that can be struck; there are {string.Join(", ", FaultOperations.All)}.");
        if (target is "")
            throw new FormatException($"Behind '{operation}@' the name of a hub or table is missing.");
        if (!Enum.TryParse<FaultKind>(parts[1], ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
            throw new FormatException($"'{parts[1]}' is no kind of fault; there are {string.Join(", ", Enum.GetNames<FaultKind>())}.");
        double probability = 1;
        if (parts.Length > 2 && !(double.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out probability) && probability is >= 0 and <= 1))
            throw new FormatException($"'{parts[2]}' is no probability from 0 to 1.");
        var milliseconds = 0;
        if (parts.Length > 3 && !(int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out milliseconds)))
            throw new FormatException($"'{parts[3]}' is no number of milliseconds.");
        return new Fault(operation, kind, probability, null, TimeSpan.FromMilliseconds(milliseconds), target);
    }

    internal bool Strikes(string operation, string target) => Matches(Operation, operation) && (Target is null || Matches(Target, target));

    private static bool Matches(string pattern, string operation) =>
        pattern.EndsWith('*') ? operation.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == operation;
}

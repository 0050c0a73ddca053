using Serverless.Functions.Aggregates;

namespace Serverless.Functions.Querying;

/// <summary>The header of an answer that leaves out the traces in flight, for the bodies of these APIs have no place for it.</summary>
internal static class CurrentAggregatesWarning
{
    /// <summary>Name and value.</summary>
    public static readonly (string Name, string Value) Header = ("Warning", $"199 - \"{CurrentAggregates.Incomplete}\"");
}

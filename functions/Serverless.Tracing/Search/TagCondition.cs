using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>One condition on a span's attributes.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Key">
/// The key; with <see cref="QuerySemantics.SameSpan"/> some are special, as in Jaeger: <c>error</c>, <c>span.kind</c>, <c>span.status</c>,
/// <c>scope.name</c>, <c>scope.version</c>, and the prefix <c>resource.</c>.
/// </param>
/// <param name="Value">The value as text, for <see cref="TagConditionKind.Equal"/>.</param>
public sealed record TagCondition(TagConditionKind Kind, string Key, string Value)
{
    /// <summary>The key has the value.</summary>
    public static TagCondition Equal(string key, string value) => new(TagConditionKind.Equal, key, value);

    /// <summary>The key is there, or an event has that name: Zipkin's bare key.</summary>
    public static TagCondition Exists(string key) => new(TagConditionKind.Exists, key, "");

    /// <summary>The span failed.</summary>
    public static TagCondition Error() => new(TagConditionKind.Error, SearchTerms.ErrorKey, "");

    /// <summary>The span has that status: <c>ok</c>, <c>error</c>, or any other text for unset. Not for Zipkin's semantics.</summary>
    public static TagCondition Status(string status) => Equal(SpecialKeys.SpanStatus, status);

    /// <summary>The span did not fail; with <see cref="QuerySemantics.WholeTrace"/>, no span of the trace did.</summary>
    public static TagCondition NoError() => new(TagConditionKind.NoError, SearchTerms.ErrorKey, "");

    /// <summary>The key's values compare with an operand; the key <c>event</c> has the names of events as values too.</summary>
    public static TagCondition Compare(string key, TagOperator comparison, AttributeValue operand = default) =>
        new(TagConditionKind.Compare, key, operand.ToString()) { Comparison = new TagComparison(comparison, operand) };

    /// <summary>The comparison of a <see cref="TagConditionKind.Compare"/>, else null.</summary>
    public TagComparison? Comparison { get; init; }

    /// <summary>True where something must be so, false where something is denied.</summary>
    internal bool IsPositive => Kind == TagConditionKind.Compare ? Comparison!.IsPositive : Kind != TagConditionKind.NoError;
}

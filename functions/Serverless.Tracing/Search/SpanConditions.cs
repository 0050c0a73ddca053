using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>Whether one condition holds for one span.</summary>
internal static class SpanConditions
{
    /// <summary>The service on the other side: the remote endpoint's, else the attribute <c>peer.service</c>, else empty.</summary>
    public static string RemoteServiceName(Span span)
    {
        if (span.RemoteEndpoint is { ServiceName.Length: > 0 } remote)
            return remote.ServiceName;
        foreach (var attribute in span.Attributes)
        {
            if (attribute.Key == SearchTerms.PeerServiceKey && attribute.Value is { Type: AttributeType.String, Text.Length: > 0 })
                return attribute.Value.Text;
        }

        return "";
    }

    /// <summary>A failed status, or an attribute <c>error</c> other than <c>false</c>.</summary>
    public static bool IsFailed(Span span)
    {
        if (span.Status == SpanStatus.Error)
            return true;
        foreach (var attribute in span.Attributes)
        {
            if (attribute.Key == SearchTerms.ErrorKey && attribute.Value.ToString() != "false")
                return true;
        }

        return false;
    }

    /// <summary>Jaeger's rule.</summary>
    public static bool HoldsForSpan(Span span, TagCondition condition) => condition.Kind switch
    {
        TagConditionKind.Error => IsFailed(span),
        TagConditionKind.NoError => !IsFailed(span),
        TagConditionKind.Compare => Compares(span, condition.Key, condition.Comparison!),
        TagConditionKind.Exists => HasEvent(span, condition.Key) || HasAttribute(span, condition.Key, null),
        _ => HoldsForSpan(span, condition.Key, condition.Value),
    };

    /// <summary>Zipkin's rule.</summary>
    public static bool HoldsForTags(Span span, TagCondition condition) => condition.Kind switch
    {
        TagConditionKind.Error => IsFailed(span),
        TagConditionKind.NoError => !IsFailed(span),
        TagConditionKind.Compare => Compares(span, condition.Key, condition.Comparison!),
        TagConditionKind.Exists => HasEvent(span, condition.Key) || HasTag(span, condition.Key, null)
            || (condition.Key == SearchTerms.ErrorKey && span.Status == SpanStatus.Error),
        _ => HasTag(span, condition.Key, condition.Value)
            || (condition.Key == SearchTerms.ErrorKey && span.Status == SpanStatus.Error
                && !Has(span.Attributes, SearchTerms.ErrorKey, null)
                && condition.Value == (span.StatusMessage.Length == 0 ? "true" : span.StatusMessage)),
    };

    /// <summary>Whether the values that one span has of a key are as a comparison wants them.</summary>
    private static bool Compares(Span span, string key, TagComparison comparison) => comparison.Operator switch
    {
        TagOperator.NotExists => !TagValues.Any(span, key),
        TagOperator.NotEqual => TagValues.Any(span, key) && !TagValues.Any(span, key, comparison),
        _ => TagValues.Any(span, key, comparison),
    };

    private static bool HoldsForSpan(Span span, string key, string value) => key switch
    {
        SearchTerms.ErrorKey => SpecialKeys.Boolean(value) is { } failed && failed == IsFailed(span),
        SpecialKeys.SpanStatus or SpecialKeys.OtelStatusCode => span.Status == SpecialKeys.Status(value),
        SpecialKeys.SpanKind => span.Kind == SpecialKeys.Kind(value),
        SearchTerms.ScopeNameKey => (span.Scope?.Name ?? "") == value,
        SearchTerms.ScopeVersionKey => (span.Scope?.Version ?? "") == value,
        SpecialKeys.OtelScopeName => span.Scope?.Name == value || HasAttribute(span, key, value),
        SpecialKeys.OtelScopeVersion => span.Scope?.Version == value || HasAttribute(span, key, value),
        SpecialKeys.EventName => HasEvent(span, value) || HasAttribute(span, key, value),
        _ when key.StartsWith(SpecialKeys.ResourcePrefix, StringComparison.Ordinal) =>
            Has(span.Resource.Attributes, key[SpecialKeys.ResourcePrefix.Length..], value),
        _ => HasAttribute(span, key, value),
    };

    private static bool HasTag(Span span, string key, string? value) =>
        Has(span.Attributes, key, value)
        || (span.Protocol != SpanProtocol.Zipkin
            && (Has(span.Resource.Attributes, key, value) || (span.Scope is not null && Has(span.Scope.Attributes, key, value))));

    private static bool HasAttribute(Span span, string key, string? value)
    {
        if (Has(span.Attributes, key, value) || Has(span.Resource.Attributes, key, value)
            || (span.Scope is not null && Has(span.Scope.Attributes, key, value)))
            return true;
        foreach (var item in span.Events)
        {
            if (Has(item.Attributes, key, value))
                return true;
        }

        foreach (var link in span.Links)
        {
            if (Has(link.Attributes, key, value))
                return true;
        }

        return false;
    }

    private static bool HasEvent(Span span, string name)
    {
        foreach (var item in span.Events)
        {
            if (item.Name == name)
                return true;
        }

        return false;
    }

    private static bool Has(IReadOnlyList<SpanAttribute> attributes, string key, string? value)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Key == key && (value is null || attribute.Value.ToString() == value))
                return true;
        }

        return false;
    }
}

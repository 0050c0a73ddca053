using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>The keys that Jaeger's searches give a meaning of their own, and how it reads their values.</summary>
internal static class SpecialKeys
{
    public const string ResourcePrefix = "resource.";
    public const string SpanKind = "span.kind";
    public const string SpanStatus = "span.status";
    public const string EventName = "event";

    /// <summary>The key under which Jaeger shows OpenTelemetry's status.</summary>
    public const string OtelStatusCode = "otel.status_code";

    /// <summary>The keys under which Jaeger shows the scope, beside those that it searches by.</summary>
    public const string OtelScopeName = "otel.scope.name";
    public const string OtelScopeVersion = "otel.scope.version";

    /// <summary>A boolean as Go's <c>strconv.ParseBool</c> takes it; null for anything else.</summary>
    public static bool? Boolean(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };

    /// <summary>A status by its name in any case; what is none is the unset one.</summary>
    public static SpanStatus Status(string text) => text.ToUpperInvariant() switch
    {
        "OK" => Model.SpanStatus.Ok,
        "ERROR" => Model.SpanStatus.Error,
        _ => Model.SpanStatus.Unset,
    };

    /// <summary>A kind by its name in any case; what is none is the unspecified one.</summary>
    public static SpanKind Kind(string text) => text.ToUpperInvariant() switch
    {
        "CLIENT" => Model.SpanKind.Client,
        "SERVER" => Model.SpanKind.Server,
        "PRODUCER" => Model.SpanKind.Producer,
        "CONSUMER" => Model.SpanKind.Consumer,
        "INTERNAL" => Model.SpanKind.Internal,
        _ => Model.SpanKind.Unspecified,
    };
}

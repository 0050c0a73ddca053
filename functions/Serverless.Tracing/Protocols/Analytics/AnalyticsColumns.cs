namespace Serverless.Tracing.Protocols.Analytics;

/// <summary>
/// The columns of the table that a line is a row of, with their Kusto types. A line leaves a text out that is empty, and a list or bag
/// without items; what is left out is the empty text or null in Kusto. The path of each is its name, for example <c>$.TraceId</c>.
/// </summary>
public static class AnalyticsColumns
{
    /// <summary>All columns: name and Kusto type.</summary>
    public static IReadOnlyList<(string Name, string KustoType)> All { get; } =
    [
        ("TraceId", "string"), ("Version", "int"), ("SpanCount", "int"), ("TraceDurationNs", "long"), ("Verdicts", "dynamic"),
        ("Service", "string"), ("Instance", "string"), ("Host", "string"), ("LocalAddress", "string"),
        ("ResourceAttributes", "dynamic"), ("ResourceSchemaUrl", "string"),
        ("ScopeName", "string"), ("ScopeVersion", "string"), ("ScopeAttributes", "dynamic"), ("ScopeSchemaUrl", "string"),
        ("Protocol", "string"), ("Kind", "string"), ("Status", "string"), ("IsRoot", "bool"), ("IsShared", "bool"),
        ("Depth", "int"), ("SpanIndex", "int"), ("ParentIndex", "int"), ("Operation", "string"), ("SpanId", "string"), ("ParentSpanId", "string"),
        ("StartTime", "datetime"), ("StartNs", "long"), ("Duration", "timespan"), ("DurationNs", "long"),
        ("ClockSkewNs", "long"), ("SelfNs", "long"), ("CriticalNs", "long"),
        ("StatusMessage", "string"), ("RemoteService", "string"), ("RemoteAddress", "string"), ("TraceState", "string"), ("Flags", "long"),
        ("Marks", "dynamic"), ("Attributes", "dynamic"), ("Events", "dynamic"), ("Links", "dynamic"), ("DroppedCounts", "dynamic"), ("IsCut", "bool"),
    ];
}

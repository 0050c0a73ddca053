namespace Serverless.Functions.Probing;

/// <summary>How protocols, states and findings are called in answers, labels and service names.</summary>
internal static class ProbeNames
{
    /// <summary>All protocols, in turn.</summary>
    public static IReadOnlyList<ProbeProtocol> Protocols { get; } = Enum.GetValues<ProbeProtocol>();

    /// <summary>A protocol's name.</summary>
    public static string Of(ProbeProtocol protocol) => protocol switch
    {
        ProbeProtocol.OtlpProtobuf => "otlp_protobuf",
        ProbeProtocol.OtlpJson => "otlp_json",
        ProbeProtocol.ZipkinJson => "zipkin_json",
        ProbeProtocol.ZipkinProtobuf => "zipkin_protobuf",
        ProbeProtocol.ZipkinThrift => "zipkin_thrift",
        ProbeProtocol.JaegerThrift => "jaeger_thrift",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "There is no such protocol."),
    };

    /// <summary>A state's name.</summary>
    public static string Of(ProbeState state) => state switch
    {
        ProbeState.Complete => "complete",
        ProbeState.Failed => "failed",
        _ => "pending",
    };

    /// <summary>A finding's name; empty for none.</summary>
    public static string Of(ProbeFinding finding) => finding switch
    {
        ProbeFinding.NotFoundById => "not_found_by_id",
        ProbeFinding.NotFoundBySearch => "not_found_by_search",
        ProbeFinding.NotInDependencies => "not_in_dependencies",
        ProbeFinding.MissingSpans => "missing_spans",
        ProbeFinding.WrongContent => "wrong_content",
        ProbeFinding.Late => "late",
        ProbeFinding.Refused => "refused",
        ProbeFinding.Unreachable => "unreachable",
        _ => "",
    };
}

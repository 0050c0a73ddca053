namespace Serverless.Local;

/// <summary>A call cannot be carried out, for a reason that the app has no part in.</summary>
internal sealed class GrpcException(GrpcStatusCode code, string message) : Exception(message)
{
    /// <summary>What to answer.</summary>
    public GrpcStatus Status { get; } = new(code, message);
}

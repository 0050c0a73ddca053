namespace Serverless.Local;

/// <summary>The codes of gRPC that the runner answers with.</summary>
/// <remarks>https://grpc.github.io/grpc/core/md_doc_statuscodes.html</remarks>
internal enum GrpcStatusCode
{
    Ok = 0,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

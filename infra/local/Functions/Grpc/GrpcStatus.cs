namespace Serverless.Local;

/// <summary>How a call ended.</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">What is wrong and what to do about it; empty where nothing is.</param>
/// <param name="RetryDelay">When the client may try again; null where it must not, or where the code says enough.</param>
internal readonly record struct GrpcStatus(GrpcStatusCode Code, string Message = "", TimeSpan? RetryDelay = null);

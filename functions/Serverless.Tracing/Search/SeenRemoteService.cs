namespace Serverless.Tracing.Search;

/// <summary>A service that a batch had calls with, names as sent.</summary>
public readonly record struct SeenRemoteService(string ServiceName, string RemoteServiceName);

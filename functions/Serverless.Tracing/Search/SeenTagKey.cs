namespace Serverless.Tracing.Search;

/// <summary>An attribute key that a batch's spans, or their resource, of a service had.</summary>
public readonly record struct SeenTagKey(string ServiceName, string Key);

namespace Serverless.Functions.Probing.Requests;

/// <summary>A post of spans.</summary>
/// <param name="Path">The path at the endpoint.</param>
/// <param name="ContentType">The body's type.</param>
/// <param name="Body">The body.</param>
internal sealed record ProbeRequest(string Path, string ContentType, byte[] Body);

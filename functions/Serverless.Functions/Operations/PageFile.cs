namespace Serverless.Functions.Operations;

/// <summary>A file of the page, in memory as it is sent.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="ETag">The strong tag of its content, in quotes.</param>
/// <param name="Plain">The bytes.</param>
/// <param name="Brotli">The same compressed by Brotli, where the build made it.</param>
/// <param name="Gzip">The same compressed by gzip, where the build made it.</param>
internal sealed record PageFile(string ContentType, string ETag, byte[] Plain, byte[]? Brotli, byte[]? Gzip);

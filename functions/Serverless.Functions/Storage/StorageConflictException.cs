namespace Serverless.Functions.Storage;

/// <summary>A conditional write was refused because somebody else wrote meanwhile. Nothing of it was done: read again, and decide anew.</summary>
/// <param name="message">What was being done and what the service said.</param>
/// <param name="inner">The service's own exception.</param>
public sealed class StorageConflictException(string message, Exception? inner = null) : Exception(message, inner);

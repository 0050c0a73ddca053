namespace Serverless.Functions.Storage;

/// <summary>The table storage refused or failed an operation.</summary>
/// <param name="message">What was being done and what the service said.</param>
/// <param name="isTransient">True where the same operation may succeed later.</param>
/// <param name="inner">The service's own exception, where there is one.</param>
public sealed class StorageException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True where the same operation may succeed later.</summary>
    public bool IsTransient { get; } = isTransient;
}

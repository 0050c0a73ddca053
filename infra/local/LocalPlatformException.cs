namespace Serverless.Local;

/// <summary>The local platform cannot start; the message says why and what to do.</summary>
public sealed class LocalPlatformException(string message, Exception? inner = null) : Exception(message, inner);

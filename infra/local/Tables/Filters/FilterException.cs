namespace Serverless.Local.Tables.Filters;

/// <summary>A filter that the service refuses; the message says what is wrong and where.</summary>
internal sealed class FilterException(string message) : Exception(message);

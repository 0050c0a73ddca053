namespace Serverless.Local.Tables;

/// <summary>Why a write was not done.</summary>
/// <param name="Error">The service's error.</param>
/// <param name="Index">The place of the operation that it concerns; null where it concerns the request.</param>
internal sealed record Refusal(TableError Error, int? Index);

using Azure;

namespace Serverless.Local.Tables;

/// <summary>A refusal by the service, before it becomes an exception or, for deletes, a plain answer.</summary>
internal sealed record TableError(int Status, string Code, string Text)
{
    public static readonly TableError CommandsInBatchActOnDifferentPartitions =
        new(400, nameof(CommandsInBatchActOnDifferentPartitions), "All commands in a batch must operate on same entity group.");

    public static readonly TableError EntityAlreadyExists = new(409, nameof(EntityAlreadyExists), "The specified entity already exists.");

    public static readonly TableError EntityTooLarge =
        new(400, nameof(EntityTooLarge), "The entity is larger than the maximum allowed size (1MB).");

    public static readonly TableError InvalidDuplicateRow =
        new(400, nameof(InvalidDuplicateRow), "The batch request contains multiple changes with same row key. An entity can appear only once in a batch request.");

    public static readonly TableError KeyValueTooLarge =
        new(400, nameof(KeyValueTooLarge), "The values for the key properties are too large: each may have 512 characters.");

    public static readonly TableError OperationTimedOut =
        new(500, nameof(OperationTimedOut), "Operation could not be completed within the specified time.");

    public static readonly TableError PropertiesNeedValue =
        new(400, nameof(PropertiesNeedValue), "The values are not specified for all properties in the entity.");

    public static readonly TableError PropertyNameTooLong =
        new(400, nameof(PropertyNameTooLong), "The property name exceeds the maximum allowed length (255).");

    public static readonly TableError PropertyValueTooLarge =
        new(400, nameof(PropertyValueTooLarge), "The property value exceeds the maximum allowed size (64KB). If the property value is a string, it is UTF-16 encoded and the maximum number of characters should be 32K or less.");

    public static readonly TableError RequestBodyTooLarge =
        new(413, nameof(RequestBodyTooLarge), "The request body is too large and exceeds the maximum permissible limit.");

    public static readonly TableError ResourceNotFound = new(404, nameof(ResourceNotFound), "The specified resource does not exist.");

    public static readonly TableError ServerBusy = new(503, nameof(ServerBusy), "The server is currently unable to receive requests. Please retry your request.");

    public static readonly TableError TableAlreadyExists = new(409, nameof(TableAlreadyExists), "The table specified already exists.");

    public static readonly TableError TableBeingDeleted =
        new(409, nameof(TableBeingDeleted), "The specified table is being deleted. Try operation later.");

    public static readonly TableError TableNotFound = new(404, nameof(TableNotFound), "The table specified does not exist.");

    public static readonly TableError TooManyProperties =
        new(400, nameof(TooManyProperties), "The entity contains more properties than allowed. Each entity can include up to 252 properties to store data. Each entity also has 3 system properties.");

    public static readonly TableError UpdateConditionNotSatisfied =
        new(412, nameof(UpdateConditionNotSatisfied), "The update condition specified in the request was not satisfied.");

    public static TableError InvalidInput(string what) => new(400, nameof(InvalidInput), $"One of the request inputs is not valid. {what}");

    public static TableError OutOfRangeInput(string what) => new(400, nameof(OutOfRangeInput), $"One of the request inputs is out of range. {what}");

    public static TableError PropertyNameInvalid(string name) =>
        new(400, nameof(PropertyNameInvalid), $"The property name is invalid: '{name}'.");

    public static TableError InvalidResourceName(string name) =>
        new(400, nameof(InvalidResourceName), $"The specified resource name contains invalid characters: '{name}'.");

    public RequestFailedException ToException(Exception? inner = null) => new(Status, Message(Text), Code, inner);

    /// <summary>The same for the operation at a place in a transaction: its number goes before the text.</summary>
    public RequestFailedException ToException(int action) => new(Status, Message($"{action}:{Text}"), Code, null);

    private string Message(string text) => $"{text}\nStatus: {Status} ({Reason(Status)})\nErrorCode: {Code}\n";

    internal static string Reason(int status) => status switch
    {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        404 => "Not Found",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "The request body is too large",
        500 => "Operation could not be completed within the specified time.",
        503 => "Server Busy",
        _ => "",
    };
}

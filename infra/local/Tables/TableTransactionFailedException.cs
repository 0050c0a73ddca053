using System.Globalization;

namespace Azure.Data.Tables;

/// <summary>A transaction was refused; nothing of it was done.</summary>
public class TableTransactionFailedException : RequestFailedException
{
    /// <summary>Takes over a failed request's status, code and message.</summary>
    public TableTransactionFailedException(RequestFailedException requestFailedException)
        : base(
            (requestFailedException ?? throw new ArgumentNullException(nameof(requestFailedException))).Status,
            requestFailedException.Message,
            requestFailedException.ErrorCode,
            requestFailedException.InnerException)
    {
        var colon = Message.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && int.TryParse(Message.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            FailedTransactionActionIndex = index;
    }

    /// <summary>The place in the transaction of the operation that failed, from the <c>n:</c> before the service's message.</summary>
    public int? FailedTransactionActionIndex { get; }
}

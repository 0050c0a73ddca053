using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;

namespace Serverless.Local.Tables;

/// <summary>An answer's status and, of a write, its ETag header.</summary>
internal sealed class LocalResponse(int status, long version = 0) : Response
{
    private const string ETagHeader = "ETag";

    public override int Status => status;

    public override string ReasonPhrase => TableError.Reason(status);

    public override Stream? ContentStream { get; set; }

    public override string ClientRequestId { get; set; } = "";

    public override bool IsError => status >= 400;

    public override void Dispose() => ContentStream?.Dispose();

    protected override bool ContainsHeader(string name) =>
        version > 0 && name.Equals(ETagHeader, StringComparison.OrdinalIgnoreCase);

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = ContainsHeader(name) ? EntityTag.Of(version).ToString() : null;
        return value is not null;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = TryGetHeader(name, out var value) ? [value] : null;
        return values is not null;
    }

    protected override IEnumerable<HttpHeader> EnumerateHeaders() =>
        TryGetHeader(ETagHeader, out var value) ? [new HttpHeader(ETagHeader, value)] : [];
}

using System.Runtime.CompilerServices;
using Azure;

namespace Serverless.Local.Tables;

/// <summary>The pages of a query, each asked for when it is needed.</summary>
internal sealed class TablePageable<T>(
    Func<string?, int?, CancellationToken, Task<Page<T>>> next, int? maxPerPage, CancellationToken cancellation)
    : AsyncPageable<T>(cancellation)
    where T : notnull
{
    public override IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null) =>
        Pages(continuationToken, pageSizeHint ?? maxPerPage, CancellationToken);

    private async IAsyncEnumerable<Page<T>> Pages(string? token, int? size, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await next(token, size, cancellationToken);
            yield return page;
            token = page.ContinuationToken;
        }
        while (token is not null);
    }
}

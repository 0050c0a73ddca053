using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Serverless.Tests.Querying;

internal static class Parameters
{
    public static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Nanoseconds since 1970 at <see cref="Now"/>.</summary>
    public const ulong NowNs = 1_768_478_400_000_000_000;

    public static IQueryCollection Of(string query) => new QueryCollection(QueryHelpers.ParseQuery(query));
}

using System.Globalization;
using Azure;

namespace Serverless.Local.Tables;

/// <summary>
/// ETags as the service makes them: weak, from the Timestamp of the write. A write's version is its time in ticks and
/// never occurs twice, so neither do they.
/// </summary>
internal static class EntityTag
{
    public static ETag Of(long version) => new(Text(version));

    public static bool Matches(ETag condition, long version) => condition == ETag.All || condition.ToString() == Text(version);

    public static DateTimeOffset Timestamp(long version) => new(version, TimeSpan.Zero);

    private static string Text(long version) => string.Create(
        CultureInfo.InvariantCulture, $"W/\"datetime'{Timestamp(version):yyyy-MM-dd'T'HH'%3A'mm'%3A'ss.fffffff'Z'}'\"");
}

using System.Globalization;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Probing;

/// <summary>What is known of a probe.</summary>
/// <param name="Minute">The minute that its content follows from.</param>
/// <param name="Protocol">What it is sent by.</param>
public sealed record ProbeRow(DateTimeOffset Minute, ProbeProtocol Protocol)
{
    /// <summary>The partition of all of them: there are few.</summary>
    internal const string Partition = "probes";

    private const byte Version = 1;

    /// <summary>How far it is.</summary>
    public ProbeState State { get; init; }

    /// <summary>What is wrong with it, or is still missing.</summary>
    public ProbeFinding Finding { get; init; }

    /// <summary>The finding in words: which field, which spans, what was answered.</summary>
    public string Detail { get; init; } = "";

    /// <summary>When the post was answered; null before.</summary>
    public DateTimeOffset? PostedAt { get; init; }

    /// <summary>How long after it was posted all of it was found by id and by search; null before.</summary>
    public TimeSpan? VisibleAfter { get; init; }

    /// <summary>The row's state when it was read; null where it was not.</summary>
    internal string? ETag { get; init; }

    /// <summary>The row's key: the newest minute first, protocols in turn.</summary>
    internal string Key => KeyOf(Minute) + ((int)Protocol).ToString("x1", CultureInfo.InvariantCulture);

    /// <summary>What the keys of a minute begin with.</summary>
    internal static string KeyOf(DateTimeOffset minute) =>
        (uint.MaxValue - (uint)(minute.ToUnixTimeSeconds() / 60)).ToString("x8", CultureInfo.InvariantCulture);

    internal StoredRow ToRow() => new(Key, RowContent.Write(Version, writer =>
    {
        writer.WriteNumber(Minute.UtcTicks);
        writer.Write((byte)Protocol);
        writer.Write((byte)State);
        writer.Write((byte)Finding);
        writer.Write(Detail);
        writer.WriteNumber(PostedAt?.UtcTicks ?? -1);
        writer.WriteNumber(VisibleAfter?.Ticks ?? -1);
    }));

    internal static ProbeRow FromRow(StoredRow row) => RowContent.Read(row.Data, Version, "probe", reader =>
    {
        var probe = new ProbeRow(new DateTimeOffset(reader.ReadNumber(), TimeSpan.Zero), (ProbeProtocol)reader.ReadByte())
        {
            State = (ProbeState)reader.ReadByte(), Finding = (ProbeFinding)reader.ReadByte(), Detail = reader.ReadString(), ETag = row.ETag,
        };
        var posted = reader.ReadNumber();
        var visible = reader.ReadNumber();
        return probe with
        {
            PostedAt = posted < 0 ? null : new DateTimeOffset(posted, TimeSpan.Zero), VisibleAfter = visible < 0 ? null : TimeSpan.FromTicks(visible),
        };
    });
}

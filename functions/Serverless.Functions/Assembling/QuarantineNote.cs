using System.Text;
using System.Text.Json;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Assembling;

/// <summary>What is known of an event in quarantine; stored as JSON.</summary>
/// <param name="Reason">Why it could not be decoded.</param>
/// <param name="QuarantinedAt">When it was set aside.</param>
/// <param name="EnqueuedAt">When the hub took it.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Spans">How many spans it says it has, or 0 where that cannot be read: as many as the ledger counts as quarantined.</param>
/// <param name="Sources">Who sent them, where that can be read; the first few.</param>
internal sealed record QuarantineNote(
    string Reason, DateTimeOffset QuarantinedAt, DateTimeOffset EnqueuedAt, int Bytes, long Spans, IReadOnlyList<string> Sources)
{
    private const int MostSources = 20;

    public static QuarantineNote Of(BufferedEvent damaged, string reason, int spans, LedgerSection section, DateTimeOffset now) => new(
        reason, now, damaged.EnqueuedAt, damaged.Body.Length, spans,
        [.. section.Counts.Where(count => count.Key.Stage == LedgerStage.Accepted).Select(count => count.Key.Source.ToString()).Take(MostSources)]);

    /// <summary>Reads a note; before there were any, its row held the reason alone.</summary>
    public static QuarantineNote FromBytes(byte[] data)
    {
        try
        {
            if (data.Length > 0 && data[0] == '{' && JsonSerializer.Deserialize<QuarantineNote>(data) is { Reason: not null } note)
                return note;
        }
        catch (JsonException)
        {
            // A reason that begins with a brace.
        }

        return new QuarantineNote(Encoding.UTF8.GetString(data), default, default, 0, 0, []);
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Api;

/// <summary>Our own API: what became of spans. docs/ledger.md explains the words.</summary>
public sealed class LedgerFunctions(LedgerReader ledger, TimeProvider clock)
{
    private const int MostRows = 100_000;

    private static readonly string[] Dimensions = ["minute", "protocol", "service", "sender", "instance", "stage", "reason"];
    private static readonly string[] DefaultGroups = ["stage", "reason"];

    /// <summary>Counts of a window, by whatever is asked for.</summary>
    [Function("ledger")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/ledger")] HttpRequest request, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, ["groupBy"], ["start", "end", .. Dimensions[1..]]);
            var (from, to) = LedgerAnswers.Window(parameters, clock.GetUtcNow());
            var groups = Groups(parameters);
            var filters = Dimensions[1..].Select(name => (Name: name, Text: parameters.Text(name))).Where(filter => filter.Text is not null).ToArray();
            var window = await ledger.ReadAsync(from, to, cancellation);
            var rows = Rows(window, groups, filters!);
            return rows.Count > MostRows
                ? throw ApiParameters.Invalid("groupBy", $"makes more than {MostRows} rows; group by less, or ask for a shorter time")
                : JsonAnswer.Of(json => Write(json, from, to, window, groups, rows));
        });

    /// <summary>For each minute whether what came in is what came out, and what is missing, by name.</summary>
    [Function("ledger-conservation")]
    public Task<IResult> GetConservationAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/ledger/conservation")] HttpRequest request, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, [], "start", "end");
            var (from, to) = LedgerAnswers.Window(parameters, clock.GetUtcNow());
            var (window, lags) = await ledger.ReadWithLagAsync(from, to, cancellation);
            var balances = await ledger.BalanceAsync(window, cancellation);
            return JsonAnswer.Of(json => WriteConservation(json, from, to, window, balances, lags));
        });

    private static string[] Groups(ApiParameters parameters)
    {
        var groups = parameters.Texts("groupBy").SelectMany(text => text.Split(',')).Distinct().ToArray();
        foreach (var group in groups)
        {
            if (Array.IndexOf(Dimensions, group) < 0)
                throw ApiParameters.Invalid("groupBy", $"is some of {string.Join(", ", Dimensions)}, not '{group}'");
        }

        return groups.Length == 0 ? DefaultGroups : groups;
    }

    private static Dictionary<string, (string[] Values, long Count)> Rows(
        LedgerWindow window, string[] groups, (string Name, string Text)[] filters)
    {
        var rows = new Dictionary<string, (string[] Values, long Count)>(StringComparer.Ordinal);
        foreach (var minute in window.Minutes)
        {
            foreach (var (key, count) in minute.Counts)
            {
                if (!Array.TrueForAll(filters, filter => Value(minute, key, filter.Name) == filter.Text))
                    continue;
                var values = Array.ConvertAll(groups, group => Value(minute, key, group));
                var id = string.Join('\n', values);
                rows[id] = (values, count + rows.GetValueOrDefault(id).Count);
            }
        }

        return rows;
    }

    private static string Value(LedgerMinute minute, in LedgerKey key, string dimension) => dimension switch
    {
        "minute" => minute.Minute.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:00Z", System.Globalization.CultureInfo.InvariantCulture),
        "protocol" => key.Source.Protocol == 0 ? "" : key.Source.Protocol.ToString().ToLowerInvariant(),
        "service" => key.Source.Service,
        "sender" => key.Source.Sender,
        "instance" => key.Source.Instance,
        "stage" => LedgerWords.Of(key.Stage),
        _ => LedgerWords.Of(key.Reason),
    };

    private static void Write(
        Utf8JsonWriter json, DateTimeOffset from, DateTimeOffset to, LedgerWindow window, string[] groups,
        Dictionary<string, (string[] Values, long Count)> rows)
    {
        json.WriteStartObject();
        LedgerAnswers.WriteTime(json, "start", from);
        LedgerAnswers.WriteTime(json, "end", to);
        json.WriteStartArray("rows");
        foreach (var (values, count) in rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => row.Value))
        {
            if (count == 0)
                continue;
            json.WriteStartObject();
            for (var i = 0; i < groups.Length; i++)
                json.WriteString(groups[i], values[i]);
            json.WriteNumber("count", count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        var latency = window.Latency();
        json.WriteStartObject("queueLatency");
        json.WriteNumber("count", latency.Count);
        if (!latency.IsEmpty)
        {
            json.WriteNumber("p50Seconds", latency.Quantile(0.5) / 1e9);
            json.WriteNumber("p95Seconds", latency.Quantile(0.95) / 1e9);
            json.WriteNumber("p99Seconds", latency.Quantile(0.99) / 1e9);
        }

        json.WriteEndObject();
        json.WriteStartObject("hub");
        json.WriteNumber("events", window.Minutes.Sum(minute => minute.Events));
        json.WriteNumber("bytes", window.Minutes.Sum(minute => minute.Bytes));
        json.WriteNumber("units", window.Minutes.Sum(minute => minute.HubUnits));
        json.WriteNumber("quarantinedEvents", window.Minutes.Sum(minute => minute.QuarantinedEvents));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteConservation(
        Utf8JsonWriter json, DateTimeOffset from, DateTimeOffset to, LedgerWindow window, IReadOnlyList<MinuteBalance> balances, IReadOnlyList<HubLag> lags)
    {
        var isConserved = true;
        json.WriteStartObject();
        LedgerAnswers.WriteTime(json, "start", from);
        LedgerAnswers.WriteTime(json, "end", to);
        json.WriteStartArray("minutes");
        foreach (var balance in balances)
        {
            var totals = balance.Counts;
            isConserved &= balance.IsConserved && totals.Sum(LedgerStage.Discarded) == 0;
            json.WriteStartObject();
            LedgerAnswers.WriteTime(json, "minute", balance.Minute);
            json.WriteBoolean("closed", balance.IsClosed);
            json.WriteBoolean("settled", balance.IsSettled);
            foreach (var stage in (ReadOnlySpan<LedgerStage>)[LedgerStage.Accepted, LedgerStage.Resent, LedgerStage.Stored, LedgerStage.Quarantined, LedgerStage.Discarded, LedgerStage.Replayed, LedgerStage.Finalized, LedgerStage.Deduped, LedgerStage.Exported])
                json.WriteNumber(LedgerWords.Of(stage), totals.Sum(stage));
            json.WriteNumber("inFlight", balance.InFlight);
            json.WriteNumber("notStored", balance.NotStored);
            json.WriteNumber("notFinalized", balance.NotFinalized);
            json.WriteNumber("remainder", balance.NotStored + balance.NotFinalized);
            WriteNames(json, balance);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        var holes = window.Holes().ToArray();
        WriteRanges(json, "holes", holes);
        WriteRanges(json, "overlaps", window.Minutes.SelectMany(minute => minute.Overlaps.Select(range => (minute.Partition, range))));
        json.WriteBoolean("conserved", isConserved && holes.Length == 0);
        json.WriteStartArray("hubLag");
        foreach (var lag in lags)
        {
            json.WriteStartObject();
            json.WriteString("partition", lag.Partition);
            json.WriteNumber("events", lag.Events);
            json.WriteNumber("seconds", Math.Round(lag.Seconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What is amiss, by name.</summary>
    private static void WriteNames(Utf8JsonWriter json, MinuteBalance balance)
    {
        if (balance.IsConserved)
            return;
        json.WriteStartArray("sources");
        foreach (var (source, reports) in balance.Sources)
        {
            json.WriteStartObject();
            json.WriteString("protocol", source.Protocol == 0 ? "" : source.Protocol.ToString().ToLowerInvariant());
            json.WriteString("service", source.Service);
            json.WriteString("sender", source.Sender);
            json.WriteString("instance", source.Instance);
            json.WriteNumber("remainder", reports);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("batches");
        foreach (var (batch, stored, finalized) in balance.Batches)
        {
            json.WriteStartObject();
            json.WriteString("partition", batch.Partition);
            json.WriteNumber("first", batch.FirstSequence);
            json.WriteNumber("last", batch.LastSequence);
            json.WriteNumber("stored", stored);
            json.WriteNumber("finalized", finalized);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRanges(Utf8JsonWriter json, string name, IEnumerable<(string Partition, SequenceRange Events)> ranges)
    {
        json.WriteStartArray(name);
        foreach (var (partition, events) in ranges)
        {
            json.WriteStartObject();
            json.WriteString("partition", partition);
            json.WriteNumber("first", events.First);
            json.WriteNumber("last", events.Last);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;
using Serverless.Functions.Accounting.Cost;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting.Api;

/// <summary>The ledger as Prometheus' text: whichever instance answers, the counts are those of all. docs/metrics.md lists the metrics.</summary>
public sealed class MetricsFunction(
    LedgerTotalsStore totals, WorkTotalsStore work, LedgerReader ledger, ExportLag export, PriceTable prices, TracingSettings settings, TimeProvider clock)
{
    private const string TextType = "text/plain";
    private const string OpenMetricsType = "application/openmetrics-text";

    private static readonly TimeSpan Balanced = TimeSpan.FromHours(1);

    /// <summary>All metrics.</summary>
    [Function("metrics")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "metrics")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            var all = await ReadAsync(cancellation);
            var text = new PrometheusText(IsOpenMetrics(request));
            OwnMetrics.Write(text, all);
            JaegerMetrics.Write(text, all);
            return Results.Text(text.ToString(), text.ContentType);
        }
        catch (Exception e) when (e is StorageException or HubException or FormatException)
        {
            return Results.Text($"The ledger cannot be read: {e.Message}\n", "text/plain; charset=utf-8", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private async Task<MetricsSnapshot> ReadAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var (window, lags) = await ledger.ReadWithLagAsync(now - Balanced, now.AddMinutes(1), cancellation);
        var balances = await ledger.BalanceAsync(window, cancellation);
        return new MetricsSnapshot(await totals.ReadAsync(cancellation), await work.ReadAsync(cancellation), lags)
        {
            ExportSeconds = await export.SecondsAsync(cancellation),
            NotFinalized = balances.Sum(balance => Math.Abs(balance.NotFinalized)),
            Prices = prices,
            InstanceMegabytes = settings.InstanceMemoryMegabytes,
        };
    }

    /// <summary>Whether the caller would rather have OpenMetrics; where he does not care he gets the older text.</summary>
    private static bool IsOpenMetrics(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return false;
        return Quality(accepted, OpenMetricsType) is var open and > 0 && open > Quality(accepted, TextType);
    }

    private static double Quality(IList<MediaTypeHeaderValue> accepted, string type) =>
        accepted.Where(one => one.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(one => one.Quality ?? 1).DefaultIfEmpty(0).Max();
}

using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Accounting.Cost;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;

namespace Serverless.Functions.Accounting.Api;

/// <summary>What the system costs, by what it used and by service. docs/cost.md explains the items.</summary>
public sealed class CostFunction(CostReader cost, PriceTable prices, TracingSettings settings, TimeProvider clock)
{
    private const int MostServices = 1_000;

    /// <summary>The cost of a window.</summary>
    [Function("cost")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/cost")] HttpRequest request, CancellationToken cancellation) =>
        LedgerAnswers.AnswerAsync(async () =>
        {
            ArgumentNullException.ThrowIfNull(request);
            var parameters = new ApiParameters(request.Query, [], "from", "to");
            var (from, to) = LedgerAnswers.Window(parameters, clock.GetUtcNow(), "from", "to");
            var report = await cost.ReadAsync(from, to, cancellation);
            return JsonAnswer.Of(json => Write(json, report));
        });

    private void Write(Utf8JsonWriter json, CostReport report)
    {
        json.WriteStartObject();
        LedgerAnswers.WriteTime(json, "from", report.From);
        LedgerAnswers.WriteTime(json, "to", report.To);
        json.WriteStartObject("prices");
        json.WriteString("date", prices.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteString("currency", prices.Currency);
        json.WriteString("region", prices.Region);
        json.WriteString("source", prices.Source);
        json.WriteEndObject();
        json.WriteNumber("spans", report.Spans);
        json.WriteNumber("cost", report.Cost);
        WritePerMillion(json, report, report.Cost);
        json.WriteStartArray("items");
        foreach (var item in report.Items)
            Write(json, report, item);
        json.WriteEndArray();
        json.WriteStartObject("fixed");
        WriteMembers(json, report, report.Fixed);
        json.WriteNumber("costPerMonth", report.Fixed.Price.Of(prices.ThroughputUnits * CostReport.HoursPerMonth));
        json.WriteEndObject();
        WriteStorage(json, report);
        json.WriteStartArray("services");
        foreach (var service in report.Services.Take(MostServices))
        {
            json.WriteStartObject();
            json.WriteString("service", service.Service);
            json.WriteNumber("spans", service.Spans);
            json.WriteNumber("bytes", service.Bytes);
            json.WriteNumber("cost", service.Cost);
            if (service.Spans > 0)
                json.WriteNumber("perMillionSpans", service.Cost / service.Spans * 1e6);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteStorage(Utf8JsonWriter json, CostReport report)
    {
        var bytes = report.StoredBytes.Values.Sum();
        var price = prices[PriceTable.TableGigabyteMonth];
        var perMonth = bytes / (report.To - report.From).TotalHours * CostReport.HoursPerMonth;
        json.WriteStartObject("storage");
        json.WriteNumber("bytesWritten", bytes);
        json.WriteStartObject("bytesByTable");
        foreach (var (kind, count) in report.StoredBytes.OrderByDescending(kind => kind.Value))
            json.WriteNumber(kind, count);
        json.WriteEndObject();
        if (report.Spans > 0)
            json.WriteNumber("bytesPerSpan", Math.Round((double)bytes / report.Spans, 2));
        json.WriteNumber("retentionDays", settings.RetentionDays);
        json.WriteNumber("bytesKeptAtThisRate", Math.Round(perMonth * report.MonthsKept));
        json.WriteNumber("costPerMonthAtThisRate", price.Of(perMonth * report.MonthsKept / (1L << 30)));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CostReport report, CostItem item)
    {
        json.WriteStartObject();
        WriteMembers(json, report, item);
        json.WriteString("sharedBy", item.IsByBytes ? "bytes" : "spans");
        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, CostReport report, CostItem item)
    {
        json.WriteString("item", item.Name);
        json.WriteNumber("units", Math.Round(item.Units, 6));
        json.WriteString("unit", item.Price.Unit);
        json.WriteNumber("price", item.Price.Amount);
        json.WriteNumber("per", item.Price.Per);
        json.WriteNumber("cost", item.Cost);
        WritePerMillion(json, report, item.Cost);
    }

    private static void WritePerMillion(Utf8JsonWriter json, CostReport report, double cost)
    {
        if (report.PerMillion(cost) is { } perMillion)
            json.WriteNumber("perMillionSpans", perMillion);
    }
}

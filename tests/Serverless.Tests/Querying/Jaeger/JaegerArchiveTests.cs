using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Storage;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Querying.Jaeger;

public sealed class JaegerArchiveTests : IAsyncLifetime
{
    private const string Done = """{"data":[],"total":0,"limit":0,"offset":0,"errors":[]}""";
    private static readonly TraceId Id = new(0, 0xc1);

    private QueryApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await QueryApp.StartAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task An_archived_trace_outlives_retention_and_others_do_not()
    {
        await _app.StoreAsync("/v1/traces", OtlpBody.Of(Of(1, trace: Id), Of(2, 1, trace: Id), Of(1, trace: new TraceId(0, 0xc2))), "c1", "c2");
        Assert.Equal((HttpStatusCode.OK, Done), await ArchiveAsync("c1"));
        await RetainNothingAsync();
        Assert.Equal(2, await SpansAsync("/api/traces/c1"));
        Assert.Equal(HttpStatusCode.OK, (await _app.GetAsync("/api/v3/traces/c1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _app.GetAsync("/api/v2/trace/c1")).Status);
        Assert.Equal(1, await SpansAsync("/api/traces?traceID=c1&traceID=c2", traces: true));
        Assert.Equal(HttpStatusCode.NotFound, (await _app.GetAsync("/api/traces/c2")).Status);
        // It is there still, so that archiving it is no error.
        Assert.Equal((HttpStatusCode.OK, Done), await ArchiveAsync("c1"));
    }

    [Fact]
    public async Task Spans_that_come_after_archiving_are_merged_and_archived_by_archiving_again()
    {
        await _app.StoreAsync("/v1/traces", OtlpBody.Of(Of(1, trace: Id)), "c1");
        Assert.Equal(HttpStatusCode.OK, (await ArchiveAsync("c1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await ArchiveAsync("c1")).Status);
        await RetainNothingAsync();
        await _app.StoreAsync("/v1/traces", OtlpBody.Of(Of(2, 1, trace: Id)));
        await _app.UntilAsync("/api/traces/c1", answer => answer.Json.GetProperty("data")[0].GetProperty("spans").GetArrayLength() == 2);
        Assert.Equal(HttpStatusCode.OK, (await ArchiveAsync("c1")).Status);
        await RetainNothingAsync();
        Assert.Equal(2, await SpansAsync("/api/traces/c1"));
    }

    [Fact]
    public async Task A_trace_of_several_rows_is_archived_whole()
    {
        // Texts that do not compress, so that the trace takes more than the row that holds at the most 14 x 64 kB.
        var random = new Random(5);
        string Noise() => Convert.ToBase64String(Enumerable.Range(0, 3_000).Select(_ => (byte)random.Next(256)).ToArray());
        for (var request = 0; request < 2; request++)
        {
            var from = request * 200;
            await _app.StoreAsync("/v1/traces", OtlpBody.Of([.. Enumerable.Range(from + 1, 200).Select(i => Of((ulong)i, trace: Id, tags: [("k", Noise())]))]), "c1");
        }

        await _app.UntilAsync("/api/traces/c1", answer => answer.Json.GetProperty("data")[0].GetProperty("spans").GetArrayLength() == 400);
        Assert.Equal(HttpStatusCode.OK, (await ArchiveAsync("c1")).Status);
        await RetainNothingAsync();
        Assert.Equal(400, await SpansAsync("/api/traces/c1"));
    }

    [Fact]
    public async Task Only_what_is_there_can_be_archived()
    {
        Assert.Equal(
            (HttpStatusCode.NotFound, """{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":404,"msg":"trace not found"}]}"""), await ArchiveAsync("c9"));
        var (status, text) = await ArchiveAsync("badtraceid!");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("strconv.ParseUint: parsing \\\"badtraceid!\\\": invalid syntax", text, StringComparison.Ordinal);
        (status, text) = await ArchiveAsync("c1?start=a");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("unable to parse param 'start'", text, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Text)> ArchiveAsync(string id)
    {
        using var answer = await _app.Client.PostAsync($"/api/archive/{id}", null, CancellationToken.None);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken.None));
    }

    // What retention does is to drop tables; one that is dropped cannot be made again at once, and today's is needed.
    private async Task RetainNothingAsync()
    {
        var storage = _app.Services.GetRequiredService<TableStorage>();
        var table = _app.Services.GetRequiredService<DayTables>().Today(DayTables.Spans);
        for (var shard = 0; shard < 256; shard++)
        {
            var keys = new List<string>();
            await foreach (var row in storage.ReadAsync(table, RowKeys.Shard(shard), "", null, 1_000, CancellationToken.None))
                keys.Add(row.RowKey);
            if (keys.Count > 0)
                await storage.DeleteAsync(table, RowKeys.Shard(shard), keys, CancellationToken.None);
        }
    }

    [Fact]
    public async Task Retention_does_not_know_the_archives_table()
    {
        await _app.StoreAsync("/v1/traces", OtlpBody.Of(Of(1, trace: Id)), "c1");
        Assert.Equal(HttpStatusCode.OK, (await ArchiveAsync("c1")).Status);
        var dropped = await _app.Services.GetRequiredService<DayTables>()
            .DropBeforeAsync(DateOnly.FromDateTime(DateTime.UtcNow).AddDays(2), CancellationToken.None);
        Assert.NotEmpty(dropped);
        Assert.DoesNotContain("archive", dropped);
        Assert.Equal(1, await SpansAsync("/api/traces/c1"));
    }

    private async Task<int> SpansAsync(string path, bool traces = false)
    {
        var data = (await _app.GetJsonAsync(path)).GetProperty("data");
        return traces ? data.GetArrayLength() : data[0].GetProperty("spans").GetArrayLength();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd;

public sealed class FaultTests
{
    private const int Seed = 5;
    private const int Connections = 6;
    private const int Requests = 160;
    private const int Kills = 5;
    private const int ShortestBurstMilliseconds = 300;
    private const int LongestBurstMilliseconds = 1_200;

    private const string Everything =
        "hub.send:fail:0.05;hub.send:throttle:0.05;hub.send:loseanswer:0.05;hub.send:delay:0.1:10;hub.properties:fail:0.1;"
        + "hub.receive:fail:0.05;hub.checkpoint:fail:0.2;hub.checkpoint:redeliver:0.2;"
        + "table.*:fail:0.05;table.*:throttle:0.05;table.*:loseanswer:0.05;table.*:delay:0.05:10";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hub.send:fail:0.2")]
    [InlineData("hub.send:throttle:0.2")]
    [InlineData("hub.send:loseanswer:0.2")]
    [InlineData("hub.send:delay:0.2:30")]
    [InlineData("hub.receive:fail:0.2")]
    [InlineData("hub.checkpoint:fail:0.3;hub.checkpoint:redeliver:0.3")]
    [InlineData("table.*:fail:0.1")]
    [InlineData("table.*:throttle:0.1")]
    [InlineData("table.*:loseanswer:0.2")]
    [InlineData("table.*:delay:0.2:20")]
    [InlineData(Everything)]
    public async Task With_a_fault_every_acknowledged_span_is_found_exactly_once(string faults)
    {
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(folder.Path, ["--faults", faults]);
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), Connections);
        await load.RunAsync(system.Address, Requests, Token);
        await new SpanCheck(load, system.Address).AssertAsync(", faults " + faults);
    }

    [Fact]
    public async Task With_all_faults_and_kills_every_acknowledged_span_is_found_exactly_once()
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), Connections);
        var random = new Random(Seed);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var system = await SystemProcess.StartAsync(folder.Path, ["--faults", Everything]);
            var running = load.RunAsync(system.Address, most: null, Token);
            await Task.Delay(random.Next(ShortestBurstMilliseconds, LongestBurstMilliseconds), Token);
            system.Kill();
            await running;
        }

        await using var last = await SystemProcess.StartAsync(folder.Path, ["--faults", Everything]);
        await load.RunAsync(last.Address, most: 0, Token);
        await new SpanCheck(load, last.Address).AssertAsync($", kills {Kills}, faults {Everything}");
    }

    /// <summary>The hub takes everything and never says so: clients send again and again, and all of it comes out once.</summary>
    [Fact]
    public async Task Spans_whose_acknowledgements_were_all_lost_are_stored_once_when_they_are_sent_again()
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), Connections);
        await using (var deaf = await SystemProcess.StartAsync(
            folder.Path, ["--faults", "hub.send:loseanswer"], new Dictionary<string, string> { ["Tracing__SendSeconds"] = "0.2" }))
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
            end.CancelAfter(TimeSpan.FromSeconds(2));
            await load.RunAsync(deaf.Address, most: null, end.Token);
            Assert.Equal(0, load.Acknowledged);
            Assert.True(load.Refused > 0);
            Assert.Equal(0, await deaf.StopAsync());
        }

        await using var system = await SystemProcess.StartAsync(folder.Path);
        await load.RunAsync(system.Address, most: 20, Token);
        await new SpanCheck(load, system.Address).AssertAsync(", every answer of the first process lost");
    }

    [Theory]
    [InlineData("hub.send:fail", "The event hub cannot be reached; send the spans again later.")]
    [InlineData("hub.send:throttle", "The event hub is throttling; send the spans again later.")]
    [InlineData("hub.properties:fail", "The event hub cannot be reached; send the spans again later.")]
    public async Task A_hub_that_takes_nothing_is_answered_with_503_a_time_and_a_text(string fault, string text)
    {
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(
            folder.Path, ["--faults", fault], new Dictionary<string, string> { ["Tracing__SendSeconds"] = "0.3" });
        using var http = new HttpClient { BaseAddress = system.Address };
        var source = new SpanSource(Seed, DateTimeOffset.UtcNow);
        foreach (var isOtlp in (bool[])[false, true])
        {
            using var post = SpanRequests.Post([source.Span(0, 0)], isOtlp, isCompressed: false);
            using var answer = await http.SendAsync(post, Token);
            var body = await answer.Content.ReadAsStringAsync(Token);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter?.Delta);
            Assert.Equal(isOtlp ? "application/x-protobuf" : "text/plain", answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains(text, body);
        }
    }

    [Fact]
    public async Task Spans_that_wait_for_the_hub_are_bounded_and_what_is_refused_is_told()
    {
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(
            folder.Path, ["--faults", "hub.send:delay:1:50"], new Dictionary<string, string> { ["Tracing__MaxPendingBytes"] = "1" });
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), Connections);
        await load.RunAsync(system.Address, most: 40, Token);
        Assert.True(load.Refused > 0, "Nothing was refused.");
        Assert.Equal([HttpStatusCode.ServiceUnavailable], load.RefusedWith);
        await new SpanCheck(load, system.Address).AssertAsync(", room for one request's spans");
    }

    [Fact]
    public async Task Bodies_that_are_being_read_are_bounded_and_what_is_refused_is_told()
    {
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(
            folder.Path, environment: new Dictionary<string, string> { ["Tracing__MaxBodyBytesInFlight"] = "1" });
        var source = new SpanSource(Seed, DateTimeOffset.UtcNow);
        var body = SpanRequests.Zipkin([source.Span(0, 0)]);

        // One body is being read, as the server says with 100 Continue, and so has the only room.
        using var slow = new TcpClient();
        await slow.ConnectAsync(system.Address.Host, system.Address.Port, Token);
        var head = $"POST /api/v2/spans HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: {body.Length}\r\n\r\n";
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Token);
        using var reader = new StreamReader(slow.GetStream());
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(Token));
        Assert.Equal("", await reader.ReadLineAsync(Token));
        using var http = new HttpClient { BaseAddress = system.Address };
        using var post = SpanRequests.Post([source.Span(0, 1)], isOtlp: false, isCompressed: false);
        using var refusal = await http.SendAsync(post, Token);
        Assert.Equal(HttpStatusCode.TooManyRequests, refusal.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refusal.Headers.RetryAfter?.Delta);
        Assert.Equal("Too many requests are being read; send the spans again later.", await refusal.Content.ReadAsStringAsync(Token));

        await slow.GetStream().WriteAsync(body, Token);
        Assert.StartsWith("HTTP/1.1 202 ", await reader.ReadToEndAsync(Token));
        using var again = SpanRequests.Post([source.Span(0, 1)], isOtlp: false, isCompressed: false);
        using var taken = await http.SendAsync(again, Token);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
    }

    [Fact]
    public async Task Queries_are_answered_with_503_a_time_and_a_text_when_the_tables_fail()
    {
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(folder.Path, ["--faults", "table.*:throttle"]);
        using var http = new HttpClient { BaseAddress = system.Address };
        foreach (var path in (string[])["api/v2/trace/1", "api/v2/traces", "api/v2/services", "api/traces/1", "api/traces?service=a", "api/services"])
        {
            using var answer = await http.GetAsync(path, Token);
            var body = await answer.Content.ReadAsStringAsync(Token);
            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode} for {path}: {body}");
            Assert.NotNull(answer.Headers.RetryAfter?.Delta);
            Assert.Contains("The trace storage cannot be read now; the request is right, send it again later.", body);
        }
    }
}

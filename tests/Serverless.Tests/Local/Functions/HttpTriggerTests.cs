using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Tests.Local.Functions;

public sealed class HttpTriggerTests
{
    private static readonly Type[] Types = [typeof(Answers)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{}", "/api/result", "by result")]
    [InlineData("""{ "extensions": { "http": { "routePrefix": "" } } }""", "/result", "by result")]
    [InlineData("""{ "extensions": { "http": { "routePrefix": "v1/x" } } }""", "/v1/x/result", "by result")]
    public async Task A_function_answers_below_the_prefix_of_host_json(string hostJson, string path, string expected)
    {
        await using var runner = await TestRunner.StartAsync(Types, hostJson: hostJson);
        Assert.Equal(expected, await runner.Client.GetStringAsync(path, Cancellation));
    }

    [Theory]
    [InlineData("/api/written", "written by hand")]
    [InlineData("/api/static", "no instance")]
    [InlineData("/api/sync", "sync")]
    [InlineData("/api/value-task", "value task")]
    [InlineData("/api/typed", "\"typed\"")]
    [InlineData("/api/route/a%20b", "a b")]
    [InlineData("/api/route/literal", "the literal one")]
    [InlineData("/api/number/12", "12")]
    [InlineData("/api/rest/a/b/c", "a/b/c")]
    [InlineData("/api/optional", "none")]
    [InlineData("/api/optional/7", "7")]
    [InlineData("/API/Result", "by result")]
    public async Task Every_form_of_function_and_route_is_served(string path, string expected)
    {
        await using var runner = await TestRunner.StartAsync(Types);
        Assert.Equal(expected, await runner.Client.GetStringAsync(path, Cancellation));
    }

    [Theory]
    [InlineData("GET", "/api/none")]
    [InlineData("POST", "/api/result")]
    [InlineData("GET", "/api/number/twelve")]
    [InlineData("GET", "/")]
    public async Task Neither_an_unknown_route_nor_an_unknown_method_is_anything_but_404(string method, string path)
    {
        await using var runner = await TestRunner.StartAsync(Types);
        using var answer = await runner.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(answer.Content.Headers.Allow);
        Assert.Equal("", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_function_without_methods_answers_all_and_two_share_a_route_by_method()
    {
        await using var runner = await TestRunner.StartAsync(Types);
        foreach (var method in (string[])["GET", "PUT", "OPTIONS"])
        {
            using var answer = await runner.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/api/any"), Cancellation);
            Assert.Equal(method, await answer.Content.ReadAsStringAsync(Cancellation));
        }

        Assert.Equal("get", await runner.Client.GetStringAsync("/api/shared", Cancellation));
        using var posted = await runner.Client.PostAsync("/api/shared", null, Cancellation);
        Assert.Equal("post", await posted.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("/api/throws")]
    [InlineData("/api/throws-later")]
    public async Task An_exception_is_500_without_a_body_and_a_log_with_the_function_and_the_invocation(string path)
    {
        await using var runner = await TestRunner.StartAsync(Types);
        using var answer = await runner.Client.GetAsync(path, Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync(Cancellation));
        var name = path["/api/".Length..];
        Assert.Contains(runner.Log.Lines, l => System.Text.RegularExpressions.Regex.IsMatch(
            l, $"^Error Function.{name}: Function '{name}' \\([0-9a-f-]{{36}}\\) failed. InvalidOperationException boom$"));
    }

    [Fact]
    public async Task The_context_leads_to_request_route_services_and_function()
    {
        await using var runner = await TestRunner.StartAsync(Types);
        Assert.Equal("context GET 5 True True", await runner.Client.GetStringAsync("/api/context/5", Cancellation));
    }

    [Fact]
    public async Task The_token_is_cancelled_when_the_caller_is_gone()
    {
        await using var runner = await TestRunner.StartAsync(Types);
        using var call = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var answer = runner.Client.GetAsync("/api/waits", call.Token);
        await runner.Probe.UntilAsync(1);
        await call.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await runner.Probe.UntilAsync(2);
        Assert.Equal(["waiting", "cancelled"], runner.Probe.Notes);
        Assert.DoesNotContain(runner.Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(30_000_000, null, HttpStatusCode.OK)]
    [InlineData(30_000_001, null, HttpStatusCode.InternalServerError)]
    [InlineData(30_000_001, 40_000_000L, HttpStatusCode.OK)]
    [InlineData(104_857_601, 200_000_000L, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_has_the_limits_of_the_worker_and_of_the_host(int length, long? configured, HttpStatusCode expected)
    {
        await using var runner = await TestRunner.StartAsync(Types, configure: builder =>
        {
            if (configured is not null)
                builder.Services.Configure<KestrelServerOptions>(o => o.Limits.MaxRequestBodySize = configured);
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/counts") { Content = new StreamContent(new Zeros(length)) };
        request.Headers.ExpectContinue = true;
        using var answer = await runner.Client.SendAsync(request, Cancellation);
        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.OK)
            Assert.Equal($"{length}", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_running_request_may_finish_when_the_host_stops()
    {
        await using var runner = await TestRunner.StartAsync(Types);
        var release = new TaskCompletionSource();
        runner.Probe.OnNote = (_, _) => release.Task;
        var answer = runner.Client.GetStringAsync("/api/notes", Cancellation);
        await runner.Probe.UntilAsync(1);
        var stopping = runner.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            // The port closes some moments after the stop begins.
            while (true)
            {
                using var client = new HttpClient { BaseAddress = runner.Client.BaseAddress };
                await client.GetStringAsync("/api/result", Cancellation);
            }
        });
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        Assert.Equal("noted", await answer);
        await stopping;
    }

    public sealed class Answers(TestProbe probe)
    {
        [Function("result")]
        public Task<IResult> Result([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => Task.FromResult(Results.Text("by result"));

        [Function("written")]
        public Task Written([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
            request.HttpContext.Response.WriteAsync("written by hand");

        [Function("static")]
        public static IResult Static([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => Results.Text("no instance");

        [Function("sync")]
        public void Sync([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            request.HttpContext.Response.ContentLength = 4;
            request.HttpContext.Response.BodyWriter.Write("sync"u8);
        }

        [Function("value-task")]
        public async ValueTask ValueTask([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            await Task.Yield();
            await request.HttpContext.Response.WriteAsync("value task");
        }

        [Function("typed")]
        public async Task<Microsoft.AspNetCore.Http.HttpResults.Ok<string>> Typed([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            await Task.Yield();
            return TypedResults.Ok("typed");
        }

        [Function("route")]
        public IResult Route([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "route/{name}")] HttpRequest request, string name) => Results.Text(name);

        [Function("literal")]
        public IResult Literal([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "route/literal")] HttpRequest request) => Results.Text("the literal one");

        [Function("number")]
        public IResult Number([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "number/{n:int}")] HttpRequest request, string n) => Results.Text(n);

        [Function("rest")]
        public IResult Rest([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "rest/{*path}")] HttpRequest request) =>
            Results.Text((string)request.RouteValues["path"]!);

        [Function("optional")]
        public IResult Optional([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "optional/{id?}")] HttpRequest request, string? id) =>
            Results.Text(id ?? "none");

        [Function("any")]
        public IResult Any([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Text(request.Method);

        [Function("shared-get")]
        public IResult SharedGet([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "shared")] HttpRequest request) => Results.Text("get");

        [Function("shared-post")]
        public IResult SharedPost([HttpTrigger(AuthorizationLevel.Anonymous, "POST", Route = "shared")] HttpRequest request) => Results.Text("post");

        [Function("throws")]
        public Task Throws([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => throw new InvalidOperationException("boom");

        [Function("throws-later")]
        public async Task<IResult> ThrowsLater([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            request.HttpContext.Response.Headers.Append("x-half", "done");
            await Task.Yield();
            throw new InvalidOperationException("boom");
        }

        [Function("context")]
        public IResult Context(
            FunctionContext context, [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "context/{id}")] HttpRequest request, CancellationToken cancellation) =>
            Results.Text(string.Join(
                ' ',
                context.FunctionDefinition.Name,
                context.GetHttpContext()!.Request.Method,
                context.BindingContext.BindingData["id"],
                context.InstanceServices.GetRequiredService<TestProbe>() == probe,
                context.CancellationToken == cancellation && context.InvocationId.Length == 36));

        [Function("waits")]
        public async Task Waits([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, CancellationToken cancellation)
        {
            await probe.NoteAsync("waiting", cancellation);
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                await probe.NoteAsync("cancelled", CancellationToken.None);
            }
        }

        [Function("counts")]
        public async Task<IResult> Counts([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequest request, CancellationToken cancellation)
        {
            var buffer = new byte[1 << 16];
            long length = 0;
            for (int n; (n = await request.Body.ReadAsync(buffer, cancellation)) > 0;)
                length += n;
            return Results.Text($"{length}");
        }

        [Function("notes")]
        public async Task<IResult> Notes([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            await probe.NoteAsync("note", CancellationToken.None);
            return Results.Text("noted");
        }
    }

    private sealed class Zeros(long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _position;
            set => _position = value;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var n = (int)Math.Min(count, length - _position);
            _position += n;
            return n;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}

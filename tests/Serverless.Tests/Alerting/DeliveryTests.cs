using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Alerting;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Store;
using Serverless.Tests.Local.Functions;

namespace Serverless.Tests.Alerting;

public sealed class DeliveryTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Nothing_is_lost_while_a_receiver_is_down()
    {
        await using var hook = await HookReceiver.StartAsync();
        hook.Answer = Status(HttpStatusCode.ServiceUnavailable);
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        for (var round = 0; round < 4; round++)
        {
            bench.Drop($"service{round}");
            await bench.RunForAsync(3 * Minute);
        }

        Assert.Empty(hook.Taken);
        Assert.NotEmpty(hook.Calls);
        hook.Answer = _ => Task.CompletedTask;
        await bench.RunForAsync(10 * Minute);
        var told = hook.Taken.SelectMany(call => call.Json.GetProperty("alerts").EnumerateArray())
            .Select(alert => $"{alert.GetProperty("status").GetString()} {alert.GetProperty("labels").GetProperty("service").GetString()}").ToArray();
        Assert.Equal(Enumerable.Range(0, 4).SelectMany(i => new[] { $"firing service{i}", $"resolved service{i}" }), told);
        Assert.Equal(hook.Taken.Count(), hook.Taken.Select(call => call.Headers["webhook-id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_message_is_sent_in_the_round_that_made_it_and_one_that_fails_is_tried_again_in_it()
    {
        await using var hook = await HookReceiver.StartAsync();
        hook.Answer = Status(HttpStatusCode.ServiceUnavailable);
        var settings = Settings(hook, change => change.GroupWaitSeconds = 10);
        using var bench = new AlertBench(settings, AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        var clock = new ManualClock(bench.Clock.GetUtcNow() + Minute);
        var round = bench.Round(clock);

        var running = round.RunAsync(CancellationToken.None);
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(hook.Calls);
        var made = clock.Created;
        clock.Advance(TimeSpan.FromSeconds(10));
        await clock.WaitForTimerAsync(wait => wait >= TimeSpan.FromSeconds(5) && wait <= TimeSpan.FromSeconds(10), "the next try", made);
        Assert.Single(hook.Calls);
        hook.Answer = _ => Task.CompletedTask;
        clock.Advance(TimeSpan.FromSeconds(10));
        await running;
        Assert.Single(hook.Taken);
        Assert.Null(round.WaitsUntil);
    }

    [Fact]
    public async Task A_round_does_not_wait_for_what_the_next_one_is_in_time_for()
    {
        await using var hook = await HookReceiver.StartAsync();
        var settings = Settings(hook, change => change.GroupWaitSeconds = 50);
        using var bench = new AlertBench(settings, AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        var clock = new ManualClock(bench.Clock.GetUtcNow() + Minute);
        await bench.Round(clock).RunAsync(CancellationToken.None);
        Assert.Empty(hook.Calls);
        clock.Advance(Minute);
        await bench.Round(clock).RunAsync(CancellationToken.None);
        Assert.Single(hook.Taken);
    }

    [Fact]
    public async Task The_pauses_between_tries_grow()
    {
        await using var hook = await HookReceiver.StartAsync();
        hook.Answer = Status(HttpStatusCode.InternalServerError);
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        await bench.RunForAsync(50 * Minute);
        // Without pauses that grow it would be 200 tries of each of the two messages.
        Assert.InRange(hook.Calls.Count, 10, 30);
        Assert.All(Enumerable.Range(1, 30), attempt => Assert.InRange(AlertDelivery.Pause(attempt).TotalSeconds, 5, 300));
        Assert.InRange(AlertDelivery.Pause(30).TotalSeconds, 150, 300);
    }

    [Fact]
    public async Task A_message_is_given_up_at_its_deadline_and_counted()
    {
        await using var hook = await HookReceiver.StartAsync();
        hook.Answer = async context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync("no such team", CancellationToken.None);
        };
        using var bench = new AlertBench(Settings(hook, r => r.DeadlineMinutes = 10), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.RunForAsync(20 * Minute, () => bench.Drop("shop"));
        var failed = (await bench.HistoryAsync()).Select(entry => entry.Delivery).OfType<DeliveryRecord>().Single();
        Assert.Equal((DeliveryRecord.Failed, "hook", 1, "403 Forbidden: no such team"), (failed.Outcome, failed.Receiver, failed.Alerts, failed.Error));
        Assert.True(failed.Attempts > 3, $"{failed.Attempts} tries");
        Assert.DoesNotContain(bench.Table.Keys, key => key.StartsWith("note|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_says_when_to_come_back()
    {
        await using var hook = await HookReceiver.StartAsync();
        hook.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "200";
            return Task.CompletedTask;
        };
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.RunForAsync(3 * Minute, () => bench.Drop("shop"));
        Assert.Single(hook.Calls);
        await bench.RunForAsync(2 * Minute, () => bench.Drop("shop"));
        Assert.Equal(2, hook.Calls.Count);
    }

    [Fact]
    public async Task A_message_is_signed_so_that_it_can_be_verified()
    {
        await using var hook = await HookReceiver.StartAsync();
        const string older = "whsec_AAECAwQFBgcICQoLDA0ODw==";
        using var bench = new AlertBench(Settings(hook, r => r.Secret = $"{Secret} {older}"), AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        await bench.RunForAsync(2 * Minute);
        var call = hook.Calls.First();
        Assert.Equal(call.Headers["webhook-id"], call.Json.GetProperty("id").GetString());
        Assert.InRange(long.Parse(call.Headers["webhook-timestamp"]), bench.Clock.GetUtcNow().AddMinutes(-3).ToUnixTimeSeconds(), bench.Clock.GetUtcNow().ToUnixTimeSeconds());
        // The recipe of docs/alerting.md.
        var signed = Encoding.UTF8.GetBytes($"{call.Headers["webhook-id"]}.{call.Headers["webhook-timestamp"]}.{call.Text}");
        var signatures = new[] { Secret, older }.Select(secret =>
            "v1," + Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed)));
        Assert.Equal(string.Join(' ', signatures), call.Headers["webhook-signature"]);
    }

    /// <summary>The example of the Standard Webhooks' own libraries' tests.</summary>
    [Fact]
    public void The_signature_is_that_of_the_standard() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookFormat.Sign(WebhookFormat.Keys(Secret)!.Single(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8));

    [Fact]
    public async Task Alerts_of_a_group_come_in_one_message()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook, r => r.GroupWaitSeconds = 40), AlertBench.Rule(AlertBench.DroppedYaml));
        var seconds = 0;
        await bench.RunForAsync(3 * Minute, () =>
        {
            bench.Drop("shop");
            if (seconds++ > 0)
                bench.Drop("cart");
        });
        var call = Assert.Single(hook.Calls);
        Assert.Equal(2, call.Json.GetProperty("alerts").GetArrayLength());
        Assert.Equal("""{"alertname":"Dropped"}""", call.Json.GetProperty("groupLabels").GetRawText());
        Assert.Equal("""{"alertname":"Dropped","severity":"critical","team":"tracing"}""", call.Json.GetProperty("commonLabels").GetRawText());
    }

    [Fact]
    public async Task A_storm_of_single_messages_comes_whole_and_in_order()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(Settings(hook, r => r.Type = "azuremonitor"), AlertBench.Rule(AlertBench.DroppedYaml));
        for (var i = 0; i < 120; i++)
            bench.Drop($"service{i:000}");
        await bench.RunForAsync(4 * Minute);
        var services = hook.Taken.Select(call => call.Json.GetProperty("data").GetProperty("essentials"))
            .Select(e => $"{e.GetProperty("monitorCondition").GetString()} {e.GetProperty("configurationItems")[0].GetString()}").ToArray();
        Assert.Equal(
            Enumerable.Range(0, 120).Select(i => $"Fired service{i:000}").Concat(Enumerable.Range(0, 120).Select(i => $"Resolved service{i:000}")), services);
    }

    [Fact]
    public async Task A_receiver_takes_only_what_it_is_for()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var bench = new AlertBench(
            Settings(hook, r => r.Severities = ["critical"], r => r.Match = ["team=other"], r => r.Match = ["team=tracing"]), AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        await bench.RunForAsync(2 * Minute);
        Assert.Equal(["hook", "hook2"], hook.Calls.Where(call => call.Json.GetProperty("status").GetString() == "firing").Select(call => call.Json.GetProperty("receiver").GetString()!).Order());
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        await using var hook = await HookReceiver.StartAsync();
        hook.Answer = context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        await bench.RunForAsync(Minute + Minute, () => bench.Drop("shop"));
        Assert.All(hook.Calls, call => Assert.Equal("/", call.Path));
        var note = (await bench.Store.NotificationsAsync(CancellationToken.None)).Single().Notification;
        Assert.StartsWith("302 Found:", note.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_read_only_to_a_bound()
    {
        await using var hook = await HookReceiver.StartAsync();
        hook.Answer = async context =>
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            for (var i = 0; i < 10_000 && !context.RequestAborted.IsCancellationRequested; i++)
                await context.Response.WriteAsync(new string('x', 10_000), CancellationToken.None);
        };
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        bench.Clock.Advance(Minute);
        await bench.RunAsync();
        var note = (await bench.Store.NotificationsAsync(CancellationToken.None)).Single().Notification;
        Assert.Equal("400 Bad Request: ".Length + 500, note.Error!.Length);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_not_waited_for()
    {
        await using var hook = await HookReceiver.StartAsync();
        using var stop = new CancellationTokenSource();
        hook.Answer = _ => Task.Delay(Timeout.Infinite, stop.Token);
        using var bench = new AlertBench(Settings(hook, r => r.TimeoutSeconds = 0.2), AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        bench.Clock.Advance(Minute);
        await bench.RunAsync();
        Assert.Equal("No answer within 0.2 s.", (await bench.Store.NotificationsAsync(CancellationToken.None)).Single().Notification.Error);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task What_is_to_be_told_to_a_receiver_that_was_removed_is_dropped()
    {
        await using var hook = await HookReceiver.StartAsync();
        hook.Answer = Status(HttpStatusCode.BadGateway);
        using var bench = new AlertBench(Settings(hook), AlertBench.Rule(AlertBench.DroppedYaml));
        bench.Drop("shop");
        bench.Clock.Advance(Minute);
        await bench.RunAsync();
        using var http = new AlertHttp();
        using var counters = new AlertCounters();
        var settings = new AlertSettings();
        await new AlertDelivery(bench.Store, new Receivers(settings), http, settings, counters, bench.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<AlertDelivery>.Instance)
            .RunAsync(CancellationToken.None);
        Assert.Equal("The receiver is no longer in the settings.", (await bench.HistoryAsync()).Last().Delivery!.Error);
    }

    [Theory]
    [InlineData("hook", "webhook", "https://hooks.example.com/x", "", null)]
    [InlineData("", "webhook", "https://hooks.example.com/x", "", "The receiver Receivers:0 is not used: it needs a Name of letters, digits, '-' and '_', at most 60.")]
    [InlineData("hook", "mail", "https://hooks.example.com/x", "", "The receiver hook is not used: its Type is 'mail' and must be one of alertmanager, webhook, slack, teams, azuremonitor.")]
    [InlineData("hook", "webhook", "hooks.example.com", "", "The receiver hook is not used: its Url is no address.")]
    [InlineData("hook", "webhook", "ftp://hooks.example.com/", "", "The receiver hook is not used: its address begins with ftp://, and only https:// can be called.")]
    [InlineData("hook", "webhook", "https://other.example.com/", "", "The receiver hook is not used: its host other.example.com is not among those that may be called; add it to Tracing:Alerts:AllowedHosts.")]
    [InlineData("hook", "webhook", "https://hooks.example.com:444/", "", "The receiver hook is not used: its host hooks.example.com:444 is not among those that may be called; add it to Tracing:Alerts:AllowedHosts.")]
    [InlineData("hook", "webhook", "https://hooks.example.com@other.example.com/", "", "The receiver hook is not used: its address has a user and password; set Authorization instead.")]
    [InlineData("hook", "webhook", "http://hooks.example.com/", "", "The receiver hook is not used: its host hooks.example.com may only be called with https://; to call it unencrypted, list it as http://hooks.example.com.")]
    [InlineData("hook", "webhook", "http://plain.example.com:8080/", "", null)]
    [InlineData("hook", "webhook", "https://hooks.example.com/x", "secret", "The receiver hook is not used: its Secret must be whsec_ and at least 16 bytes in base64; several are separated by a space.")]
    public void Receivers_are_checked(string name, string type, string url, string secret, string? problem)
    {
        var receivers = new Receivers(new AlertSettings
        {
            AllowedHosts = ["hooks.example.com", "http://plain.example.com:8080"],
            Receivers = [new ReceiverSettings { Name = name, Type = type, Url = url, Secret = secret }],
        });
        Assert.Equal(problem, receivers.Problems.Values.SingleOrDefault());
    }

    private static Func<HttpContext, Task> Status(HttpStatusCode status) => context =>
    {
        context.Response.StatusCode = (int)status;
        return Task.CompletedTask;
    };

    private static AlertSettings Settings(HookReceiver hook, params Action<Changed>[] changes)
    {
        if (changes.Length == 0)
            changes = [_ => { }];
        return new AlertSettings
        {
            AllowedHosts = [$"http://{hook.Host}"],
            Receivers =
            [
                .. changes.Select((change, i) =>
                {
                    var changed = new Changed();
                    change(changed);
                    return new ReceiverSettings
                    {
                        Name = i == 0 ? "hook" : $"hook{i}", Type = changed.Type, Url = hook.Url, Secret = changed.Secret, Severities = changed.Severities, Match = changed.Match,
                        GroupWaitSeconds = changed.GroupWaitSeconds, DeadlineMinutes = changed.DeadlineMinutes, TimeoutSeconds = changed.TimeoutSeconds,
                    };
                }),
            ],
        };
    }

    private sealed class Changed
    {
        public string Type { get; set; } = "webhook";

        public string Secret { get; set; } = "";

        public IReadOnlyList<string> Severities { get; set; } = [];

        public IReadOnlyList<string> Match { get; set; } = [];

        public double GroupWaitSeconds { get; set; }

        public double DeadlineMinutes { get; set; } = 60;

        public double TimeoutSeconds { get; set; } = 10;
    }
}

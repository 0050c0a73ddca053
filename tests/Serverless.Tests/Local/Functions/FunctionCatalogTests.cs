using Azure.Messaging.EventHubs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Local;

namespace Serverless.Tests.Local.Functions;

public sealed class FunctionCatalogTests
{
    [Theory]
    [InlineData(typeof(Twice), "Function 'same' is declared more than once: Twice.One, Twice.Two.")]
    [InlineData(typeof(BadName), "Function '1st' (BadName.Run): a name is a letter and up to 127 letters, digits, '-' and '_', and not 'host'.")]
    [InlineData(typeof(NoTrigger), "Function 'none' (NoTrigger.Run): a function has one parameter with a trigger attribute, this one has 0.")]
    [InlineData(typeof(UnknownParameter), "Function 'unknown' (UnknownParameter.Run): parameter 'count' is a Int32, which nothing fills; FunctionContext, CancellationToken and, for HTTP, a string named as a parameter of the route are possible.")]
    [InlineData(typeof(NotInRoute), "Function 'route' (NotInRoute.Run): parameter 'name' is not in the route 'a/{other}'.")]
    [InlineData(typeof(Poco), "Function 'poco' (Poco.Run): parameter 'events' of an event hub trigger with IsBatched = true must be EventData[], not String[].")]
    [InlineData(typeof(OneOfMany), "Function 'one' (OneOfMany.Run): parameter 'data' of an event hub trigger with IsBatched = true must be EventData[], not EventData.")]
    [InlineData(typeof(WrongRequest), "Function 'request' (WrongRequest.Run): parameter 'http' of an HTTP trigger must be an HttpRequest, not HttpContext.")]
    [InlineData(typeof(HttpRetry), "Function 'retry' (HttpRetry.Run): the host has no retry policies for HTTP triggers.")]
    [InlineData(typeof(BadRetry), "Function 'bad' (BadRetry.Run): The interval must be a TimeSpan (HH:mm:ss) that is not negative. (Parameter 'delayInterval')")]
    [InlineData(typeof(Returns), "Function 'returns' (Returns.Run): it returns String; void, Task, ValueTask, IResult and Task<IResult> are possible.")]
    [InlineData(typeof(TimerResult), "Function 'timer' (TimerResult.Run): it returns Task`1, which only an HTTP function can.")]
    [InlineData(typeof(Reserved), "Function 'reserved': the route 'admin/x' is the host's own: routes must not begin with admin or runtime.")]
    [InlineData(typeof(Malformed), "Function 'malformed': the route 'a/{b' is malformed:")]
    [InlineData(typeof(UnknownConstraint), "Function 'constraint': the route 'api/a/{b:nonsense}' has a constraint that cannot be used:")]
    [InlineData(typeof(SameRoute), "Functions 'first' and 'second' both answer GET of '/api/A/{y}'.")]
    [InlineData(typeof(BadCron), "Function 'cron', parameter 'timer': the schedule '0 0 25 * * *' is malformed.")]
    [InlineData(typeof(FiveFields), "Function 'five', parameter 'timer': the schedule '0 * * * *' must have six fields: {second} {minute} {hour} {day} {month} {day of week}.")]
    [InlineData(typeof(Never), "Function 'never', parameter 'timer': the schedule '0 0 0 30 2 *' never occurs.")]
    [InlineData(typeof(NoSetting), "Function 'setting', parameter 'timer': the schedule is in the setting 'Missing', which is not set.")]
    [InlineData(typeof(BadHub), "Function 'hub', parameter 'events': ")]
    [InlineData(typeof(BadGroup), "Function 'group', parameter 'events': ")]
    [InlineData(typeof(SameGroup), "Functions 'a', 'b' read hub 'spans' as the same consumer group '$default': each event would reach only one of them. Give each its own ConsumerGroup.")]
    public async Task What_cannot_run_is_named_at_the_start(Type type, string error)
    {
        var e = await Assert.ThrowsAsync<LocalPlatformException>(() => TestRunner.StartAsync([type]));
        Assert.StartsWith("The functions cannot be started:\n- ", e.Message);
        Assert.Contains(error, e.Message);
    }

    [Fact]
    public async Task All_errors_are_told_at_once()
    {
        var e = await Assert.ThrowsAsync<LocalPlatformException>(() => TestRunner.StartAsync([typeof(NoTrigger), typeof(BadName)]));
        Assert.Equal(2, e.Message.Split("\n- ").Length - 1);
    }

    public sealed class Twice
    {
        [Function("same")]
        public void One([TimerTrigger("0 0 * * * *")] TimerInfo timer) => _ = timer;

        [Function("Same")]
        public void Two([TimerTrigger("0 0 * * * *")] TimerInfo timer) => _ = timer;
    }

    public sealed class BadName
    {
        [Function("1st")]
        public void Run([TimerTrigger("0 0 * * * *")] TimerInfo timer) => _ = timer;
    }

    public sealed class NoTrigger
    {
        [Function("none")]
        public void Run(FunctionContext context) => _ = context;
    }

    public sealed class UnknownParameter
    {
        [Function("unknown")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, int count) => _ = (request, count);
    }

    public sealed class NotInRoute
    {
        [Function("route")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "a/{other}")] HttpRequest request, string name) => _ = (request, name);
    }

    public sealed class Poco
    {
        [Function("poco")]
        public void Run([EventHubTrigger("spans")] string[] events) => _ = events;
    }

    public sealed class OneOfMany
    {
        [Function("one")]
        public void Run([EventHubTrigger("spans")] EventData data) => _ = data;
    }

    public sealed class WrongRequest
    {
        [Function("request")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpContext http) => _ = http;
    }

    public sealed class HttpRetry
    {
        [Function("retry")]
        [FixedDelayRetry(1, "00:00:01")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => _ = request;
    }

    public sealed class BadRetry
    {
        [Function("bad")]
        [FixedDelayRetry(1, "soon")]
        public void Run([TimerTrigger("0 0 * * * *")] TimerInfo timer) => _ = timer;
    }

    public sealed class Returns
    {
        [Function("returns")]
        public string Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => request.Path;
    }

    public sealed class TimerResult
    {
        [Function("timer")]
        public Task<IResult> Run([TimerTrigger("0 0 * * * *")] TimerInfo timer) => Task.FromResult(Results.Ok(timer));
    }

    public sealed class Reserved
    {
        [Function("reserved")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "/admin/x")] HttpRequest request) => _ = request;
    }

    public sealed class Malformed
    {
        [Function("malformed")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "a/{b")] HttpRequest request) => _ = request;
    }

    public sealed class UnknownConstraint
    {
        [Function("constraint")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "a/{b:nonsense}")] HttpRequest request) => _ = request;
    }

    public sealed class SameRoute
    {
        [Function("first")]
        public void First([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "a/{x}")] HttpRequest request) => _ = request;

        [Function("second")]
        public void Second([HttpTrigger(AuthorizationLevel.Anonymous, "GET", Route = "A/{y}")] HttpRequest request) => _ = request;
    }

    public sealed class BadCron
    {
        [Function("cron")]
        public void Run([TimerTrigger("0 0 25 * * *")] TimerInfo timer) => _ = timer;
    }

    public sealed class FiveFields
    {
        [Function("five")]
        public void Run([TimerTrigger("0 * * * *")] TimerInfo timer) => _ = timer;
    }

    public sealed class Never
    {
        [Function("never")]
        public void Run([TimerTrigger("0 0 0 30 2 *")] TimerInfo timer) => _ = timer;
    }

    public sealed class NoSetting
    {
        [Function("setting")]
        public void Run([TimerTrigger("%Missing%")] TimerInfo timer) => _ = timer;
    }

    public sealed class BadHub
    {
        [Function("hub")]
        public void Run([EventHubTrigger("not a hub")] EventData[] events) => _ = events;
    }

    public sealed class BadGroup
    {
        [Function("group")]
        public void Run([EventHubTrigger("spans", ConsumerGroup = "a/b")] EventData[] events) => _ = events;
    }

    public sealed class SameGroup
    {
        [Function("a")]
        public void A([EventHubTrigger("spans")] EventData[] events) => _ = events;

        [Function("b")]
        public void B([EventHubTrigger("Spans", ConsumerGroup = "$Default")] EventData[] events) => _ = events;
    }
}

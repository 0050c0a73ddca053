using Serverless.Local;

namespace Serverless.Tests.Local.Functions;

public sealed class HostFileTests
{
    [Fact]
    public void The_defaults_are_the_hosts()
    {
        var file = HostFile.Parse("{ /* comments and trailing commas are allowed */ \"version\": \"2.0\", }");
        Assert.Equal("api", file.RoutePrefix);
        Assert.Equal(100, file.EventHubs.MaxEventBatchSize);
        Assert.Equal(1, file.EventHubs.MinEventBatchSize);
        Assert.Equal(TimeSpan.FromMinutes(1), file.EventHubs.MaxWaitTime);
        Assert.Equal(300, file.EventHubs.PrefetchCount);
        Assert.Equal(1, file.EventHubs.BatchCheckpointFrequency);
        Assert.True(file.EventHubs.EnableCheckpointing);
        Assert.False(file.EventHubs.StartsAtEnd);
    }

    [Theory]
    [InlineData("\"maxEventBatchSize\": 0", "extensions.eventHubs.maxEventBatchSize must be a whole number of at least 1, not 0.")]
    [InlineData("\"minEventBatchSize\": 101", "extensions.eventHubs.minEventBatchSize must be at most maxEventBatchSize (100), not 101.")]
    [InlineData("\"maxWaitTime\": \"00:10:01\"", "extensions.eventHubs.maxWaitTime must be a time (HH:mm:ss) above zero and of at most 00:10:00, not 00:10:01.")]
    [InlineData("\"batchCheckpointFrequency\": \"2\"", "extensions.eventHubs.batchCheckpointFrequency must be a whole number of at least 1, not \"2\".")]
    [InlineData("\"enableCheckpointing\": 1", "extensions.eventHubs.enableCheckpointing must be true or false, not 1.")]
    [InlineData("\"initialOffsetOptions\": { \"type\": \"x\" }", "extensions.eventHubs.initialOffsetOptions.type must be fromStart or fromEnd (the local platform has no fromEnqueuedTime), not x.")]
    public void A_malformed_setting_is_named(string setting, string error)
    {
        var e = Assert.Throws<LocalPlatformException>(() => HostFile.Parse($$"""{ "extensions": { "eventHubs": { {{setting}} } } }"""));
        Assert.Equal($"host.json: {error}", e.Message);
    }

    [Fact]
    public void What_is_no_json_is_refused() =>
        Assert.StartsWith("host.json is not valid JSON: ", Assert.Throws<LocalPlatformException>(() => HostFile.Parse("{")).Message);
}

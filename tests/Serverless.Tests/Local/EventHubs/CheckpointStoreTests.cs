using Serverless.Local;

namespace Serverless.Tests.Local.EventHubs;

public sealed class CheckpointStoreTests : HubTest
{
    private string CheckpointPath => Path.Combine(Folder, "hubs", HubName, "checkpoints", "assembler", "1");

    [Fact]
    public async Task A_checkpoint_outlives_the_process_and_may_go_back()
    {
        Assert.Null(Hubs.Checkpoints.Get(HubName, "assembler", "1"));
        foreach (var sequence in new long[] { 10, 20, 15 })
        {
            await SetAsync(sequence);
            await ReopenAsync();
            Assert.Equal(sequence, Hubs.Checkpoints.Get(HubName, "assembler", "1"));
        }
    }

    [Fact]
    public async Task Groups_hubs_and_partitions_are_apart()
    {
        await SetAsync(1);
        await Hubs.Checkpoints.SetAsync(HubName, "$Default", "1", 2, Cancellation);
        await Hubs.Checkpoints.SetAsync(HubName, "assembler", "2", 3, Cancellation);
        await Hubs.Checkpoints.SetAsync("finalize", "assembler", "1", 4, Cancellation);
        Assert.Equal(1, Hubs.Checkpoints.Get(HubName, "assembler", "1"));
        Assert.Equal(2, Hubs.Checkpoints.Get(HubName, "$Default", "1"));
        Assert.Equal(3, Hubs.Checkpoints.Get(HubName, "assembler", "2"));
        Assert.Equal(4, Hubs.Checkpoints.Get("finalize", "assembler", "1"));
        Assert.Null(Hubs.Checkpoints.Get("finalize", "assembler", "0"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_torn_write_leaves_the_checkpoint_before(int writes)
    {
        for (var i = 0; i <= writes + 1; i++)
            await SetAsync(100 + i);
        var slot = (writes + 2) % 2 * 4096;
        await ReopenAsync(() =>
        {
            var content = File.ReadAllBytes(CheckpointPath);
            content[slot + 16] ^= 1;
            File.WriteAllBytes(CheckpointPath, content);
        });
        Assert.Equal(100 + writes, Hubs.Checkpoints.Get(HubName, "assembler", "1"));
        await SetAsync(7);
        await ReopenAsync();
        Assert.Equal(7, Hubs.Checkpoints.Get(HubName, "assembler", "1"));
    }

    [Fact]
    public async Task A_wholly_damaged_checkpoint_is_an_error_that_names_the_file()
    {
        await SetAsync(1);
        await ReopenAsync(() => File.WriteAllBytes(CheckpointPath, new byte[100]));
        var failure = Assert.Throws<LocalPlatformException>(() => Hubs.Checkpoints.Get(HubName, "assembler", "1"));
        Assert.Contains($"The checkpoint '{CheckpointPath}' is damaged.", failure.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public void A_consumer_group_that_the_service_would_refuse_is_refused(string group) =>
        Assert.Contains("is no name for a consumer group", Assert.Throws<ArgumentException>(() => Hubs.Checkpoints.Get(HubName, group, "0")).Message);

    private ValueTask SetAsync(long sequence) => Hubs.Checkpoints.SetAsync(HubName, "assembler", "1", sequence, Cancellation);
}

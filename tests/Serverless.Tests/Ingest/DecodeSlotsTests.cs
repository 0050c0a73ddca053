using Serverless.Functions.Ingest;

namespace Serverless.Tests.Ingest;

public sealed class DecodeSlotsTests
{
    [Fact]
    public async Task Who_finds_no_slot_waits_for_one()
    {
        using var slots = new DecodeSlots(2);
        var first = await slots.EnterAsync(CancellationToken.None);
        var second = await slots.EnterAsync(CancellationToken.None);
        var third = slots.EnterAsync(CancellationToken.None).AsTask();
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
        second.Dispose();
        Assert.Equal(2, slots.Free);
    }

    [Fact]
    public async Task Waiting_ends_with_the_request()
    {
        using var slots = new DecodeSlots(1);
        using var slot = await slots.EnterAsync(CancellationToken.None);
        using var aborted = new CancellationTokenSource();
        var waiting = slots.EnterAsync(aborted.Token).AsTask();
        await aborted.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Large_bodies_are_decoded_one_after_the_other()
    {
        using var slots = new DecodeSlots(2);
        var first = await slots.EnterAsync(CancellationToken.None);
        await first.EnterLargeAsync(CancellationToken.None);
        var second = await slots.EnterAsync(CancellationToken.None);
        var waiting = second.EnterLargeAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        await waiting;
        second.Dispose();
        Assert.Equal(2, slots.Free);
    }
}

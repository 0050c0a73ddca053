using Serverless.Functions.Accounting.Clients;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tests.Accounting;

public sealed class BatchBaselineTests
{
    private static readonly LedgerSource Shop = new(SpanProtocol.Jaeger, "shop", "jaeger/Go-2.30.0", "");

    private readonly BatchBaseline _baseline = new();
    private bool _isFirst = true;
    private long _missing;
    private JaegerClientDrops _lost;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Whatever_the_order_what_is_missing_is_what_did_not_come_and_what_was_lost_is_what_totals_grew_by(int seed)
    {
        var random = new Random(seed);
        var first = seed % 2 == 0 ? 1 : 500;
        var came = Enumerable.Range(first, 300).Where(_ => random.Next(10) != 0).ToArray();
        var inOrderOfArrival = came.Select(number => (Number: number, At: number + random.Next(100))).OrderBy(batch => batch.At).Select(batch => batch.Number);
        foreach (var number in inOrderOfArrival)
        {
            Add(number, TotalsAt(number));
            if (random.Next(5) == 0)
                Add(number, TotalsAt(number));
        }

        Assert.Equal(came[^1] - came[0] + 1 - came.Length, _missing);
        var (from, to) = (came[0] == 1 ? default : TotalsAt(came[0]), TotalsAt(came[^1]));
        Assert.Equal(new JaegerClientDrops(to.FullQueue - from.FullQueue, to.TooLarge - from.TooLarge, to.SendFailures - from.SendFailures), _lost);
    }

    [Fact]
    public void It_is_the_same_when_it_was_kept_meanwhile()
    {
        Add(10, new(1, 2, 3));
        Add(13, null);
        using var bytes = new MemoryStream();
        _baseline.Write(new BinaryWriter(bytes));
        bytes.Position = 0;
        var read = BatchBaseline.Read(new BinaryReader(bytes));
        Assert.Equal((-1L, default(JaegerClientDrops)), read.Follow(new NumberedBatch(Shop, 1, 12, null), isFirst: false));
        Assert.Equal((1L, new JaegerClientDrops(0, 5, 0)), read.Follow(new NumberedBatch(Shop, 1, 15, new(1, 7, 3)), isFirst: false));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public void Numbers_that_cannot_be_are_no_loss(long number)
    {
        Add(1_000, new(1, 1, 1));
        Add(number, new(long.MaxValue, long.MinValue, -1));
        Add(1_001, new(1, 1, 1));
        Assert.InRange(_missing, 0, 0);
    }

    [Fact]
    public void A_client_that_numbers_anew_lost_nothing_by_it_even_if_one_of_before_comes_late()
    {
        foreach (var number in (long[])[1_000, 1, 1_001, 2, 4, 3])
            Add(number, null);
        Assert.Equal(0, _missing);
    }

    private static JaegerClientDrops TotalsAt(long number) => new(number / 7, number / 50, number);

    private void Add(long number, JaegerClientDrops? drops)
    {
        var (missing, lost) = _baseline.Follow(new NumberedBatch(Shop, 1, number, drops), _isFirst);
        _isFirst = false;
        _missing += missing;
        _lost = new JaegerClientDrops(_lost.FullQueue + lost.FullQueue, _lost.TooLarge + lost.TooLarge, _lost.SendFailures + lost.SendFailures);
    }
}

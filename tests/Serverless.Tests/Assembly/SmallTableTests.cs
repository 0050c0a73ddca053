using Serverless.Tracing.Assembly;

namespace Serverless.Tests.Assembly;

public sealed class SmallTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(500)]
    public void Each_key_has_its_value_and_they_stay_in_the_order_in_which_they_came(int keys)
    {
        var table = new SmallTable<string, int>();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < keys; i++)
            {
                table.Of($"key {i * 7 % keys} of {i}", out var exists) += i;
                Assert.Equal(round > 0, exists);
            }
        }

        Assert.Equal(keys, table.Count);
        Assert.Equal(
            Enumerable.Range(0, keys).Select(i => ($"key {i * 7 % keys} of {i}", 3 * i)),
            table.Items.ToArray());
    }
}

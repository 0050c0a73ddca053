using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Functions.Accounting.Cost;

namespace Serverless.Tests.Cost;

public sealed class PriceTableTests
{
    [Fact]
    public void The_shipped_prices_can_be_read_and_say_of_when_they_are()
    {
        var prices = PriceTable.Load("");
        Assert.Equal("USD", prices.Currency);
        Assert.True(prices.Date >= new DateOnly(2026, 1, 1));
        Assert.NotEmpty(prices.Source);
        Assert.Equal(0.028, prices[PriceTable.HubEvent].Of(1_000_000), 12);
        Assert.Equal(0.00036 * 3, prices["table_write"].Of(30_000), 12);
    }

    [Theory]
    [InlineData("date", "\"31.1.2026\"", "prices.json: 'date' must be a day as 2026-01-31, not '31.1.2026'.")]
    [InlineData("currency", null, "prices.json: 'currency' is missing.")]
    [InlineData("currency", "\"\"", "prices.json: 'currency' must be a text of 1 to 1000 characters, not .")]
    [InlineData("throughputUnits", "-1", "prices.json: 'throughputUnits' must be a number of at least 0, not '-1'.")]
    [InlineData("prices", "[]", "prices.json: 'prices' must be an object, not [].")]
    [InlineData("prices.hub_event", null, "prices.json: 'prices.hub_event' is missing.")]
    [InlineData("prices.hub_event.price", "\"cheap\"", "prices.json: 'prices.hub_event.price' must be a number of at least 0, not 'cheap'.")]
    [InlineData("prices.hub_event.per", "0", "prices.json: 'prices.hub_event.per' must be a number of at least 1, not '0'.")]
    [InlineData("prices.hub_event.note", "1", "prices.json: 'prices.hub_event.note' is not known; there are price, per, unit.")]
    [InlineData("colour", "1", "prices.json: 'colour' is not known; there are date, currency, region, source, throughputUnits, prices.")]
    public void What_is_wrong_in_the_file_is_said_by_its_key(string key, string? value, string error)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, PriceTable.DefaultFile)))!;
        var path = key.Split('.');
        var parent = path[..^1].Aggregate(root, (node, name) => node[name]!).AsObject();
        if (value is null)
            parent.Remove(path[^1]);
        else
            parent[path[^1]] = JsonNode.Parse(value);
        var e = Assert.Throws<InvalidOperationException>(() => PriceTable.Parse(root.ToJsonString(new JsonSerializerOptions()), "prices.json"));
        Assert.Equal(error, e.Message);
    }

    [Fact]
    public void A_file_that_is_no_JSON_or_not_there_is_said_to_be()
    {
        Assert.StartsWith("prices.json is no JSON: ", Assert.Throws<InvalidOperationException>(() => PriceTable.Parse("{", "prices.json")).Message, StringComparison.Ordinal);
        var e = Assert.Throws<InvalidOperationException>(() => PriceTable.Load("no-such-prices.json"));
        Assert.StartsWith("The prices (setting Tracing__PricesFile) cannot be read: ", e.Message, StringComparison.Ordinal);
    }
}

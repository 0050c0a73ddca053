using Azure;
using Azure.Data.Tables;

namespace Serverless.Tests.Local.Tables;

public sealed class EntityTests : TablesTest
{
    private enum Colour
    {
        Red,
        Green,
    }

    [Fact]
    public async Task Every_type_comes_back_as_it_went_in()
    {
        var time = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(2)).AddTicks(7);
        var id = Guid.NewGuid();
        await AddAsync(
            "a", "b", ("Text", "é \uD83D\uDE00 'x'"), ("Lone", "a\uD800b"), ("Empty", ""), ("Bytes", new byte[] { 0, 255 }),
            ("Small", -1), ("Large", long.MinValue), ("Real", 1.5), ("Yes", true), ("No", false), ("Time", time), ("Id", id),
            ("Colour", Colour.Green), ("Data", new BinaryData(new byte[] { 7 })));

        await ReopenAsync();

        var entity = await GetAsync("a", "b");
        Assert.Equal("é \uD83D\uDE00 'x'", entity.GetString("Text"));
        Assert.Equal("a\uD800b", entity.GetString("Lone"));
        Assert.Equal("", entity.GetString("Empty"));
        Assert.Equal([0, 255], entity.GetBinary("Bytes"));
        Assert.Equal(-1, entity.GetInt32("Small"));
        Assert.Equal(long.MinValue, entity.GetInt64("Large"));
        Assert.Equal(1.5, entity.GetDouble("Real"));
        Assert.True(entity.GetBoolean("Yes"));
        Assert.False(entity.GetBoolean("No"));
        Assert.Equal(time.ToUniversalTime(), entity.GetDateTimeOffset("Time"));
        Assert.Equal(time.UtcDateTime, entity.GetDateTime("Time"));
        Assert.Equal(id, entity.GetGuid("Id"));
        Assert.Equal("Green", entity.GetString("Colour"));
        Assert.Equal([7], entity.GetBinaryData("Data")!.ToArray());
    }

    [Fact]
    public async Task Null_values_are_not_stored_and_missing_ones_are_null()
    {
        await AddAsync("a", "b", ("Nothing", null!));

        var entity = await GetAsync("a", "b");
        Assert.False(entity.ContainsKey("Nothing"));
        Assert.Null(entity.GetString("Nothing"));
        Assert.Null(entity.GetInt64("Nothing"));
    }

    [Fact]
    public void Reading_a_property_as_another_type_is_an_error()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Entity("a", "b", ("Number", 1)).GetString("Number"));
        Assert.Equal("Cannot return System.String type for a System.Int32 typed property.", failure.Message);
    }

    [Fact]
    public async Task A_value_of_a_type_that_tables_do_not_have_is_an_error()
    {
        var failure = await Assert.ThrowsAsync<NotSupportedException>(() => AddAsync("a", "b", ("Price", 1.5m)));
        Assert.StartsWith("Property 'Price' is a System.Decimal, which tables do not have.", failure.Message, StringComparison.Ordinal);
        var local = await Assert.ThrowsAsync<NotSupportedException>(() => AddAsync("a", "b", ("Time", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Local))));
        Assert.Contains("has a Kind of Local", local.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_class_of_ones_own_is_stored_by_its_properties()
    {
        await Table.AddEntityAsync(new Thing { PartitionKey = "a", RowKey = "b", Name = "n", Size = 5, Colour = Thing.Hue.Blue, When = DateTime.UnixEpoch }, Cancel);

        var thing = (await Table.GetEntityAsync<Thing>("a", "b", null, Cancel)).Value;
        Assert.Equal(("a", "b", "n", 5L, Thing.Hue.Blue, DateTime.UnixEpoch, null), (thing.PartitionKey, thing.RowKey, thing.Name, thing.Size, thing.Colour, thing.When, thing.Missing));
        Assert.NotEqual(default, thing.ETag);
        Assert.Equal("Blue", (await GetAsync("a", "b")).GetString("Colour"));
    }

    [Fact]
    public async Task The_service_sets_Timestamp_and_ETag_whatever_the_client_says()
    {
        var entity = Entity("a", "b");
        entity.Timestamp = DateTimeOffset.UnixEpoch;
        entity.ETag = new ETag("mine");
        var answer = await Table.AddEntityAsync(entity, Cancel);

        var stored = await GetAsync("a", "b");
        Assert.Equal(204, answer.Status);
        Assert.Equal(Clock.GetUtcNow(), stored.Timestamp!.Value, TimeSpan.FromSeconds(1));
        Assert.Equal(answer.Headers.ETag, stored.ETag);
        Assert.Matches(@"^W/""datetime'2026-03-01T12%3A00%3A00\.\d{7}Z'""$", stored.ETag.ToString());
    }

    [Fact]
    public async Task Every_write_changes_the_ETag_also_one_that_changes_nothing()
    {
        var first = await AddAsync("a", "b", ("X", 1));
        var second = (await Table.UpdateEntityAsync(Entity("a", "b"), ETag.All, TableUpdateMode.Merge, Cancel)).Headers.ETag;

        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task Adding_what_exists_is_refused_with_409()
    {
        await AddAsync("a", "b");
        var failure = await RefusedAsync(() => AddAsync("a", "b"), 409, "EntityAlreadyExists");
        Assert.StartsWith("The specified entity already exists.\n", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_or_updating_what_is_missing_is_refused_with_404_ResourceNotFound()
    {
        await RefusedAsync(() => GetAsync("a", "b"), 404, "ResourceNotFound");
        await RefusedAsync(() => Table.UpdateEntityAsync(Entity("a", "b"), ETag.All, TableUpdateMode.Merge, Cancel), 404, "ResourceNotFound");
        await RefusedAsync(() => Table.UpdateEntityAsync(Entity("a", "b"), ETag.All, TableUpdateMode.Replace, Cancel), 404, "ResourceNotFound");
    }

    [Fact]
    public async Task Reading_what_may_be_missing_has_no_value()
    {
        var missing = await Table.GetEntityIfExistsAsync<TableEntity>("a", "b", null, Cancel);

        Assert.False(missing.HasValue);
        Assert.Equal(404, missing.GetRawResponse().Status);
        Assert.Throws<InvalidOperationException>(() => missing.Value);
    }

    [Fact]
    public async Task A_stale_etag_is_refused_with_412()
    {
        var stale = await AddAsync("a", "b");
        var current = (await Table.UpsertEntityAsync(Entity("a", "b", ("X", 1)), TableUpdateMode.Replace, Cancel)).Headers.ETag!.Value;

        await RefusedAsync(() => Table.UpdateEntityAsync(Entity("a", "b"), stale, TableUpdateMode.Replace, Cancel), 412, "UpdateConditionNotSatisfied");
        await RefusedAsync(() => Table.DeleteEntityAsync("a", "b", stale, Cancel), 412, "UpdateConditionNotSatisfied");
        Assert.Equal(1, (await GetAsync("a", "b")).GetInt32("X"));
        Assert.Equal(204, (await Table.UpdateEntityAsync(Entity("a", "b"), current, TableUpdateMode.Replace, Cancel)).Status);
    }

    [Fact]
    public async Task An_update_without_an_ETag_is_refused_before_any_call()
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => Table.UpdateEntityAsync(Entity("a", "b"), default, TableUpdateMode.Merge, Cancel));
        Assert.Equal("ifMatch", failure.ParamName);
    }

    [Fact]
    public async Task Merging_keeps_other_properties_and_replacing_drops_them()
    {
        await AddAsync("a", "b", ("X", 1), ("Y", 2));

        await Table.UpsertEntityAsync(Entity("a", "b", ("Y", "two"), ("Z", 3)), TableUpdateMode.Merge, Cancel);
        var merged = await GetAsync("a", "b");
        Assert.Equal((1, "two", 3), (merged.GetInt32("X"), merged.GetString("Y"), merged.GetInt32("Z")));

        await Table.UpsertEntityAsync(Entity("a", "b", ("Z", 4)), TableUpdateMode.Replace, Cancel);
        var replaced = await GetAsync("a", "b");
        Assert.Equal((null, null, 4), (replaced.GetInt32("X"), replaced.GetString("Y"), replaced.GetInt32("Z")));
    }

    [Fact]
    public async Task Upserting_what_is_missing_adds_it()
    {
        await Table.UpsertEntityAsync(Entity("a", "merge", ("X", 1)), TableUpdateMode.Merge, Cancel);
        await Table.UpsertEntityAsync(Entity("a", "replace", ("X", 1)), TableUpdateMode.Replace, Cancel);

        Assert.Equal("a/merge a/replace", await KeysAsync());
    }

    [Fact]
    public async Task Deleting_answers_204_and_then_404_without_an_exception()
    {
        await AddAsync("a", "b");

        Assert.Equal(204, (await Table.DeleteEntityAsync(Entity("a", "b"), default, Cancel)).Status);
        Assert.Equal(404, (await Table.DeleteEntityAsync("a", "b", default, Cancel)).Status);
        Assert.False(await ExistsAsync("a", "b"));
    }

    [Fact]
    public async Task Selecting_returns_only_the_named_properties_and_the_ETag()
    {
        await AddAsync("a", "b", ("X", 1), ("Y", 2));

        var selected = (await Table.GetEntityAsync<TableEntity>("a", "b", ["X", "RowKey", "Missing"], Cancel)).Value;

        Assert.Equal(["RowKey", "X", "odata.etag"], selected.Keys.Order(StringComparer.Ordinal));
    }

    public sealed class Thing : ITableEntity
    {
        public enum Hue
        {
            Red,
            Blue,
        }

        public string PartitionKey { get; set; } = "";

        public string RowKey { get; set; } = "";

        public DateTimeOffset? Timestamp { get; set; }

        public ETag ETag { get; set; }

        public string? Name { get; set; }

        public long Size { get; set; }

        public Hue Colour { get; set; }

        public DateTime? When { get; set; }

        public string? Missing { get; set; }
    }
}

using Azure.Data.Tables;

namespace Serverless.Tests.Local.Tables;

public sealed class LimitTests : TablesTest
{
    [Theory]
    [InlineData('/')]
    [InlineData('\\')]
    [InlineData('#')]
    [InlineData('?')]
    [InlineData('\0')]
    [InlineData('\t')]
    [InlineData('\u001F')]
    [InlineData('\u007F')]
    [InlineData('\u009F')]
    public async Task Keys_must_not_hold_certain_characters(char forbidden)
    {
        await RefusedAsync(() => AddAsync($"a{forbidden}", "b"), 400, "InvalidInput");
        var failure = await RefusedAsync(() => AddAsync("a", $"b{forbidden}"), 400, "InvalidInput");
        Assert.Contains($"RowKey holds U+{(int)forbidden:X4} at 1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_may_be_empty_and_hold_anything_else()
    {
        await AddAsync("", "");
        await AddAsync("é '%+ \"", "\u00A0\uFFFF");

        Assert.Equal("/ é '%+ \"/\u00A0\uFFFF", await KeysAsync());
        Assert.True(await ExistsAsync("", ""));
    }

    [Fact]
    public async Task A_key_may_have_512_units()
    {
        await AddAsync(new string('é', 512), new string('\uFFFF', 512));
        Assert.True(await ExistsAsync(new string('é', 512), new string('\uFFFF', 512)));

        await RefusedAsync(() => AddAsync("a", new string('k', 513)), 400, "KeyValueTooLarge");
        await RefusedAsync(() => GetAsync(new string('k', 513), "b"), 400, "KeyValueTooLarge");
    }

    [Fact]
    public async Task An_entity_needs_both_keys()
    {
        await RefusedAsync(() => Table.AddEntityAsync(new TableEntity { ["RowKey"] = "b" }, Cancel), 400, "PropertiesNeedValue");
        await Assert.ThrowsAsync<ArgumentNullException>("rowKey", () => GetAsync("a", null!));
    }

    [Fact]
    public async Task A_string_may_have_32768_units()
    {
        await AddAsync("a", "b", ("X", new string('\uFFFF', 32768)));
        Assert.Equal(32768, (await GetAsync("a", "b")).GetString("X")!.Length);

        await RefusedAsync(() => AddAsync("a", "c", ("X", new string('x', 32769))), 400, "PropertyValueTooLarge");
    }

    [Fact]
    public async Task A_binary_may_have_65536_bytes()
    {
        await AddAsync("a", "b", ("X", new byte[65536]));

        await RefusedAsync(() => AddAsync("a", "c", ("X", new byte[65537])), 400, "PropertyValueTooLarge");
    }

    [Fact]
    public async Task An_entity_may_have_252_properties_of_its_own()
    {
        (string, object)[] properties = [.. Enumerable.Range(0, 252).Select(i => ($"P{i}", (object)i))];
        await AddAsync("a", "b", properties);

        await RefusedAsync(() => AddAsync("a", "c", [.. properties, ("More", 1)]), 400, "TooManyProperties");
        await RefusedAsync(() => Table.UpsertEntityAsync(Entity("a", "b", ("More", 1)), TableUpdateMode.Merge, Cancel), 400, "TooManyProperties");
        await Table.UpsertEntityAsync(Entity("a", "b", ("P0", 1)), TableUpdateMode.Merge, Cancel);
    }

    [Fact]
    public async Task An_entity_may_have_1_MiB_by_the_documented_formula()
    {
        // 4 + 2 * (1 + 1) for the keys; 15 times 8 + 2 * 3 + (4 + 65536) for full properties; the rest for the last one.
        const int rest = (1024 * 1024) - 8 - (15 * (8 + 6 + 4 + 65536)) - (8 + 8 + 4);
        var full = Enumerable.Range(10, 15).Select(i => ($"P{i}", (object)new byte[65536])).ToArray();
        await AddAsync("a", "b", [.. full, ("Rest", new byte[rest])]);

        await RefusedAsync(() => AddAsync("a", "c", [.. full, ("Rest", new byte[rest + 1])]), 400, "EntityTooLarge");
        await RefusedAsync(() => Table.UpsertEntityAsync(Entity("a", "b", ("More", 1)), TableUpdateMode.Merge, Cancel), 400, "EntityTooLarge");
    }

    [Theory]
    [InlineData("with-dash")]
    [InlineData("1st")]
    [InlineData("a b")]
    public async Task A_property_name_must_be_an_identifier(string name) =>
        await RefusedAsync(() => AddAsync("a", "b", (name, 1)), 400, "PropertyNameInvalid");

    [Fact]
    public async Task A_property_name_may_have_255_characters_and_its_case_counts()
    {
        var name = new string('n', 255);
        await AddAsync("a", "b", (name, 1), ("x", 1), ("X", 2), ("_é1", 3));
        var entity = await GetAsync("a", "b");
        Assert.Equal((1, 1, 2, 3), (entity.GetInt32(name), entity.GetInt32("x"), entity.GetInt32("X"), entity.GetInt32("_é1")));

        await RefusedAsync(() => AddAsync("a", "c", (name + "n", 1)), 400, "PropertyNameTooLong");
    }

    [Fact]
    public async Task A_DateTime_starts_in_1601()
    {
        var first = new DateTime(1601, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        await AddAsync("a", "b", ("X", first));
        Assert.Equal(first, (await GetAsync("a", "b")).GetDateTime("X"));

        await RefusedAsync(() => AddAsync("a", "c", ("X", first.AddTicks(-1))), 400, "OutOfRangeInput");
    }
}

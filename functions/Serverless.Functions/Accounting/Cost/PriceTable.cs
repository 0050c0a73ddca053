using System.Globalization;
using System.Text.Json;

namespace Serverless.Functions.Accounting.Cost;

/// <summary>The prices that usage is multiplied by: a file, dated, because prices change.</summary>
/// <remarks>docs/cost.md explains its keys.</remarks>
public sealed class PriceTable
{
    /// <summary>An event of a hub, of up to 64 KB.</summary>
    public const string HubEvent = "hub_event";

    /// <summary>A throughput unit for an hour.</summary>
    public const string ThroughputUnitHour = "hub_throughput_unit_hour";

    /// <summary>What the names of prices of table transactions begin with; then comes the operation.</summary>
    public const string TablePrefix = "table_";

    /// <summary>The price of making, dropping or listing tables.</summary>
    public const string TableManagement = "table_management";

    /// <summary>A gigabyte (2^30 bytes) in tables for a month.</summary>
    public const string TableGigabyteMonth = "table_gb_month";

    /// <summary>A checkpoint that the host writes.</summary>
    public const string BlobWrite = "blob_write";

    /// <summary>An execution of a function.</summary>
    public const string Execution = "execution";

    /// <summary>A gigabyte of an instance's memory for a second.</summary>
    public const string GigabyteSecond = "gb_second";

    /// <summary>The file's name, beside the app.</summary>
    public const string DefaultFile = "prices.json";

    private const int LongestText = 1_000;

    private static readonly string[] Names =
    [
        HubEvent, ThroughputUnitHour, "table_read", "table_list", "table_write", "table_delete", TableManagement, TableGigabyteMonth, BlobWrite, Execution, GigabyteSecond,
    ];

    private static readonly string[] Keys = ["date", "currency", "region", "source", "throughputUnits", "prices"];
    private static readonly string[] PriceKeys = ["price", "per", "unit"];

    private readonly Dictionary<string, Price> _prices = new(StringComparer.Ordinal);

    private PriceTable()
    {
    }

    /// <summary>The day of which the prices are.</summary>
    public DateOnly Date { get; private set; }

    /// <summary>The currency, as ISO 4217 has it.</summary>
    public string Currency { get; private set; } = "";

    /// <summary>Where the prices hold.</summary>
    public string Region { get; private set; } = "";

    /// <summary>Where they are from.</summary>
    public string Source { get; private set; } = "";

    /// <summary>How many throughput units the hubs' namespace has.</summary>
    public double ThroughputUnits { get; private set; }

    /// <summary>A price.</summary>
    public Price this[string name] => _prices[name];

    /// <summary>Reads the file; a relative path, or none, is beside the app.</summary>
    /// <exception cref="InvalidOperationException">It cannot be read, or something in it is wrong; the message names the key.</exception>
    public static PriceTable Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var file = Path.Combine(AppContext.BaseDirectory, path.Length == 0 ? DefaultFile : path);
        try
        {
            return Parse(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The prices (setting Tracing__PricesFile) cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the file's text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="InvalidOperationException">Something in it is wrong; the message names the key.</exception>
    internal static PriceTable Parse(string json, string file)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{file} is no JSON: {e.Message}", e);
        }

        using (document)
        {
            var root = new Section(file, "", document.RootElement, Keys);
            var table = new PriceTable
            {
                Date = root.Day("date"), Currency = root.Text("currency"), Region = root.Text("region"), Source = root.Text("source"),
                ThroughputUnits = root.Number("throughputUnits", 0),
            };
            var prices = root.Inner("prices", Names);
            foreach (var name in Names)
            {
                var price = prices.Inner(name, PriceKeys);
                table._prices[name] = new Price(price.Number("price", 0), price.Number("per", 1), price.Text("unit"));
            }

            return table;
        }
    }

    /// <summary>An object of the file, and where it is.</summary>
    private readonly struct Section
    {
        private readonly string _file;
        private readonly string _path;
        private readonly JsonElement _element;

        public Section(string file, string path, JsonElement element, string[] keys)
        {
            (_file, _path, _element) = (file, path, element);
            if (element.ValueKind != JsonValueKind.Object)
                throw new InvalidOperationException(path.Length == 0 ? $"{file} must be a JSON object." : $"{file}: '{path}' must be an object, not {element}.");
            foreach (var property in element.EnumerateObject())
            {
                if (Array.IndexOf(keys, property.Name) < 0)
                    throw new InvalidOperationException($"{file}: '{Full(property.Name)}' is not known; there are {string.Join(", ", keys)}.");
            }
        }

        public Section Inner(string key, string[] keys) => new(_file, Full(key), Get(key), keys);

        public string Text(string key)
        {
            var value = Get(key);
            return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestText } text
                ? text
                : throw new InvalidOperationException($"{_file}: '{Full(key)}' must be a text of 1 to {LongestText} characters, not {value}.");
        }

        public double Number(string key, double least)
        {
            var value = Get(key);
            return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && double.IsFinite(number)
                ? number
                : throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"{_file}: '{Full(key)}' must be a number of at least {least}, not '{value}'."));
        }

        public DateOnly Day(string key)
        {
            var value = Get(key);
            return value.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? day
                : throw new InvalidOperationException($"{_file}: '{Full(key)}' must be a day as 2026-01-31, not '{value}'.");
        }

        private JsonElement Get(string key) =>
            _element.TryGetProperty(key, out var value) ? value : throw new InvalidOperationException($"{_file}: '{Full(key)}' is missing.");

        private string Full(string key) => _path.Length == 0 ? key : $"{_path}.{key}";
    }
}

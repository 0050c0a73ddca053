using System.Text.Json;

namespace Serverless.Functions.Sampling;

/// <summary>Reads a strategy that somebody wants to set, in the JSON that clients get, and says what cannot be right about it.</summary>
internal static class SamplingStrategyReader
{
    /// <summary>The largest body in bytes.</summary>
    public const int MaxBytes = 512 * 1024;

    // What Jaeger's clients keep (their maxOperations).
    private const int MaxOperations = 2_000;

    // The thrift type of the field is an i16.
    private const int MaxRate = short.MaxValue;

    private const string Probabilistic = "PROBABILISTIC";
    private const string RateLimiting = "RATE_LIMITING";

    /// <exception cref="InvalidStrategyException">It cannot be a strategy.</exception>
    public static SamplingStrategy Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 8 });
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidStrategyException($"The body is no JSON: {e.Message}");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidStrategyException($"The body has a text that is not valid: {e.Message}");
        }
    }

    private static SamplingStrategy Read(JsonElement root)
    {
        Check(root, "the body", "strategyType", "probabilisticSampling", "rateLimitingSampling", "operationSampling");
        var type = root.TryGetProperty("strategyType", out var element) && element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        if (type is not (Probabilistic or RateLimiting))
            throw new InvalidStrategyException($"strategyType must be {Probabilistic} or {RateLimiting}.");
        var (wanted, other) = type == Probabilistic
            ? ("probabilisticSampling", "rateLimitingSampling")
            : ("rateLimitingSampling", "probabilisticSampling");
        if (!Has(root, wanted, out var sampling))
            throw new InvalidStrategyException($"strategyType {type} needs {wanted}.");
        if (Has(root, other, out _))
            throw new InvalidStrategyException($"strategyType {type} cannot have {other}.");
        var hasOperations = Has(root, "operationSampling", out var operations);
        if (type == RateLimiting)
        {
            if (hasOperations)
                throw new InvalidStrategyException($"strategyType {type} cannot have operationSampling.");
            Check(sampling, wanted, "maxTracesPerSecond");
            return new SamplingStrategy { MaxTracesPerSecond = TracesPerSecond(sampling) };
        }

        return new SamplingStrategy
        {
            SamplingRate = SamplingRate(sampling, wanted),
            Operations = hasOperations ? ReadOperations(operations) : null,
        };
    }

    private static OperationStrategies ReadOperations(JsonElement element)
    {
        const string Path = "operationSampling";
        Check(
            element, Path, "defaultSamplingProbability", "defaultLowerBoundTracesPerSecond", "defaultUpperBoundTracesPerSecond",
            "perOperationStrategies");
        var operations = new List<OperationStrategy>();
        var names = new HashSet<string>();
        if (Has(element, "perOperationStrategies", out var list))
        {
            if (list.ValueKind != JsonValueKind.Array)
                throw new InvalidStrategyException($"{Path}.perOperationStrategies must be a list.");
            foreach (var item in list.EnumerateArray())
            {
                var path = $"{Path}.perOperationStrategies[{operations.Count}]";
                if (operations.Count == MaxOperations)
                    throw new InvalidStrategyException($"{Path}.perOperationStrategies has more than {MaxOperations} operations; clients keep no more.");
                Check(item, path, "operation", "probabilisticSampling");
                var name = item.TryGetProperty("operation", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
                if (string.IsNullOrEmpty(name))
                    throw new InvalidStrategyException($"{path}.operation must be the name of an operation.");
                if (!names.Add(name))
                    throw new InvalidStrategyException($"{path}.operation '{name}' is there already.");
                if (!Has(item, "probabilisticSampling", out var sampling))
                    throw new InvalidStrategyException($"{path} needs probabilisticSampling; nothing else can be set for an operation.");
                operations.Add(new OperationStrategy(name, SamplingRate(sampling, $"{path}.probabilisticSampling")));
            }
        }

        return new OperationStrategies(
            Number(element, Path, "defaultSamplingProbability", 1) ?? throw new InvalidStrategyException($"{Path} needs defaultSamplingProbability, from 0 to 1."),
            Number(element, Path, "defaultLowerBoundTracesPerSecond", MaxRate) ?? 0,
            Number(element, Path, "defaultUpperBoundTracesPerSecond", MaxRate),
            operations);
    }

    private static double SamplingRate(JsonElement element, string path)
    {
        Check(element, path, "samplingRate");
        return Number(element, path, "samplingRate", 1) ?? throw new InvalidStrategyException($"{path} needs samplingRate, from 0 to 1.");
    }

    private static int TracesPerSecond(JsonElement element) =>
        Has(element, "maxTracesPerSecond", out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var rate) && rate is >= 0 and <= MaxRate
            ? rate
            : throw new InvalidStrategyException($"rateLimitingSampling.maxTracesPerSecond must be a whole number from 0 to {MaxRate}.");

    private static double? Number(JsonElement element, string path, string name, double most)
    {
        if (!Has(element, name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 0 && number <= most
            ? number
            : throw new InvalidStrategyException($"{path}.{name} must be a number from 0 to {most}.");
    }

    private static bool Has(JsonElement element, string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    // A misspelt name would otherwise be a strategy that does not do what it says.
    private static void Check(JsonElement element, string path, params ReadOnlySpan<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new InvalidStrategyException($"{path} must be an object.");
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Contains(property.Name))
                throw new InvalidStrategyException($"{path} has '{property.Name}', which is none of {string.Join(", ", names)}.");
        }
    }
}

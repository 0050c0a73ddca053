using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.Functions.Sampling;

/// <summary>How a service's traces are sampled: a part of them, or so many a second; a part may differ by operation.</summary>
public sealed class SamplingStrategy
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The part of the traces, 0 to 1, or null where they are limited by rate.</summary>
    public double? SamplingRate { get; init; }

    /// <summary>The traces a second, or null where a part of them is taken.</summary>
    public int? MaxTracesPerSecond { get; init; }

    /// <summary>What differs by operation, or null; only with a rate.</summary>
    public OperationStrategies? Operations { get; init; }

    /// <summary>The strategy in the JSON that Jaeger's clients read (the proto3 JSON of <c>SamplingStrategyResponse</c>).</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Plain);
        json.WriteStartObject();
        if (MaxTracesPerSecond is { } most)
        {
            json.WriteString("strategyType"u8, "RATE_LIMITING"u8);
            json.WriteStartObject("rateLimitingSampling"u8);
            json.WriteNumber("maxTracesPerSecond"u8, most);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("strategyType"u8, "PROBABILISTIC"u8);
            WriteRate(json, SamplingRate ?? 1);
        }

        if (Operations is { } operations)
            Write(json, operations);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, OperationStrategies operations)
    {
        json.WriteStartObject("operationSampling"u8);
        json.WriteNumber("defaultSamplingProbability"u8, operations.DefaultProbability);
        json.WriteNumber("defaultLowerBoundTracesPerSecond"u8, operations.LowerBound);
        if (operations.UpperBound is { } upper)
            json.WriteNumber("defaultUpperBoundTracesPerSecond"u8, upper);
        json.WriteStartArray("perOperationStrategies"u8);
        foreach (var operation in operations.Operations)
        {
            json.WriteStartObject();
            json.WriteString("operation"u8, operation.Operation);
            WriteRate(json, operation.SamplingRate);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRate(Utf8JsonWriter json, double rate)
    {
        json.WriteStartObject("probabilisticSampling"u8);
        json.WriteNumber("samplingRate"u8, rate);
        json.WriteEndObject();
    }
}

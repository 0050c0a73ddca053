using System.Globalization;

namespace Serverless.Benchmarks.Load;

/// <summary>What the load command was asked to do.</summary>
internal sealed record LoadOptions
{
    /// <summary>The command's help.</summary>
    public const string Usage = """
        load [options]: posts OTLP protobuf to a running system and prints what that cost.

          --url URL            where to post spans                              http://127.0.0.1:4318
          --query-url URL      where to ask for traces                          http://127.0.0.1:7071
          --connections N      connections, each with one request at a time     4
          --spans N            spans to post                                    1000000
          --seconds N          post for so long instead
          --rate N             spans per second, 0 for full speed               0
          --warmup N           spans posted before measuring begins             100000
          --settle N           seconds to go on measuring the server's CPU after everything is searchable   0
          --finalize N         the server's quiet time in seconds: go on measuring until it has finalized the traces, 0 for not   0
          --probe-interval N   ms between traces that measure the time to visible, 0 for none               200
          --trace-queries N    traces fetched by id afterwards                  2000
          --search-queries N   searches made afterwards                         500
          --verify             fetch every trace acknowledged, and count its spans
          --pid N              the server's process                             the one that listens on --url's port
          --data DIR           the server's data folder, for the bytes on disk  not measured
          --json FILE          write the figures there, too
        """;

    public Uri Url { get; init; } = new("http://127.0.0.1:4318");

    public Uri QueryUrl { get; init; } = new("http://127.0.0.1:7071");

    public int Connections { get; init; } = 4;

    /// <summary>Spans to post, or null to go by <see cref="Seconds"/> alone.</summary>
    public long? Spans { get; init; }

    public double? Seconds { get; init; }

    public double Rate { get; init; }

    public long Warmup { get; init; } = 100_000;

    public double SettleSeconds { get; init; }

    public double FinalizeQuietSeconds { get; init; }

    public int ProbeIntervalMilliseconds { get; init; } = 200;

    public int TraceQueries { get; init; } = 2000;

    public int SearchQueries { get; init; } = 500;

    public bool Verify { get; init; }

    public int? Pid { get; init; }

    public string? DataFolder { get; init; }

    public string? JsonFile { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">An option is unknown or has no proper value; the message says which.</exception>
    public static LoadOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new LoadOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (name == "--verify")
            {
                options = options with { Verify = true };
                continue;
            }

            var value = i + 1 < arguments.Count ? arguments[++i] : throw new FormatException($"{name} needs a value.");
            options = name switch
            {
                "--url" => options with { Url = Address(name, value) },
                "--query-url" => options with { QueryUrl = Address(name, value) },
                "--connections" => options with { Connections = (int)Number(name, value, 1, 1024) },
                "--spans" => options with { Spans = (long)Number(name, value, 1, 1e12) },
                "--seconds" => options with { Seconds = Number(name, value, 0.1, 1e6) },
                "--rate" => options with { Rate = Number(name, value, 0, 1e9) },
                "--warmup" => options with { Warmup = (long)Number(name, value, 0, 1e12) },
                "--settle" => options with { SettleSeconds = Number(name, value, 0, 3600) },
                "--finalize" => options with { FinalizeQuietSeconds = Number(name, value, 0, 3600) },
                "--probe-interval" => options with { ProbeIntervalMilliseconds = (int)Number(name, value, 0, 60_000) },
                "--trace-queries" => options with { TraceQueries = (int)Number(name, value, 0, 1e6) },
                "--search-queries" => options with { SearchQueries = (int)Number(name, value, 0, 1e6) },
                "--pid" => options with { Pid = (int)Number(name, value, 1, int.MaxValue) },
                "--data" => options with { DataFolder = value },
                "--json" => options with { JsonFile = value },
                _ => throw new FormatException($"{name} is not an option of load."),
            };
        }

        return options.Spans is null && options.Seconds is null ? options with { Spans = 1_000_000 } : options;
    }

    private static Uri Address(string name, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp
            ? uri
            : throw new FormatException($"{name} must be an address such as http://127.0.0.1:4318, not '{value}'.");

    private static double Number(string name, string value, double least, double most) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{name} must be a number from {least} to {most}, not '{value}'.");
}

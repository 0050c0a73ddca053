using System.Text;

namespace Serverless.Local;

/// <summary>The command line: the runner's own options, and any other <c>--key=value</c> or <c>--key value</c> as a setting.</summary>
internal sealed class RunnerArguments
{
    private static readonly Option[] Options =
    [
        new("--port", RunnerOptions.PortKey, "N", "main port, 0 for any free one (7071)"),
        new("--also-ports", RunnerOptions.AlsoPortsKey, "A,B", "ports with the same routes, '' for none (4318,9411,14268,16686)"),
        new("--grpc-port", RunnerOptions.GrpcPortKey, "N", "port of OTLP over gRPC, '' for none (4317)"),
        new("--udp-ports", RunnerOptions.UdpPortsKey, "A,B", "UDP ports of a Jaeger agent, '' for none (6831,6832)"),
        new("--sampling-port", RunnerOptions.SamplingPortKey, "N", "port on which any request asks for a sampling strategy, '' for none (5778)"),
        new("--listen", RunnerOptions.ListenKey, "ADDRESS", "loopback, any or an IP address (loopback)"),
        new("--data", RunnerOptions.DataKey, "DIR", "folder of all data (.data)"),
        new("--partitions", RunnerOptions.PartitionsKey, "N", "partitions of an event hub when it is first used (2)"),
        new("--require-keys", RunnerOptions.RequireKeysKey, null, "ask for function keys, as in Azure"),
        new("--faults", RunnerOptions.FaultsKey, "LIST", "faults to inject, operation[@hub or table]:kind[:probability[:milliseconds]], separated by ,"),
        new("--demo", RunnerOptions.DemoKey, null, "generate example traffic"),
        new("--help", "", null, "show this"),
    ];

    private RunnerArguments(Dictionary<string, string?> settings, bool isHelp)
    {
        Settings = settings;
        IsHelp = isHelp;
    }

    /// <summary>What the arguments set, by setting.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; }

    /// <summary>Whether the user asked for the list of options.</summary>
    public bool IsHelp { get; }

    /// <summary>The list of options, one per line.</summary>
    public static string Help
    {
        get
        {
            var text = new StringBuilder("Options, each also as the setting named behind it:\n");
            foreach (var option in Options)
                text.Append("  ").Append($"{option.Name} {option.Value}".PadRight(24)).Append(option.Text)
                    .Append(option.Key.Length > 0 ? $"; {option.Key}" : "").Append('\n');
            return text.Append("  --key=value, --key value  any setting of the app\n").ToString();
        }
    }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="LocalPlatformException">One is no option; the message lists those that are.</exception>
    public static RunnerArguments Parse(IReadOnlyList<string> arguments)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var help = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument is "--help" or "-h" or "-?")
            {
                help = true;
                continue;
            }

            if (!argument.StartsWith("--", StringComparison.Ordinal) || argument.Length == 2)
                throw new LocalPlatformException($"'{argument}' is no option.\n{Help}");
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            var option = Array.Find(Options, o => o.Name == name);
            var takesNext = equals < 0 && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            var value = equals >= 0 ? argument[(equals + 1)..] : option is { Value: null } ? "true" : takesNext ? arguments[++i] : null;
            if (value is null)
                throw new LocalPlatformException(option is null
                    ? $"'{argument}' is no option.\n{Help}"
                    : $"{name} needs a value: {name} {option.Value}, {option.Text}.");
            settings[option?.Key ?? name[2..]] = value;
        }

        return new RunnerArguments(settings, help);
    }

    /// <summary>The option that sets a setting.</summary>
    public static string OptionOf(string key) => Array.Find(Options, o => o.Key == key)?.Name ?? key;

    private sealed record Option(string Name, string Key, string? Value, string Text);
}

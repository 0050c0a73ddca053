using Serverless.Tracing.Model;

namespace Serverless.Tracing.Ledger;

/// <summary>
/// Who sent spans, as the ledger tells senders apart. The same spans have the same source at ingest and when their trace is finalized:
/// it follows from the protocol and the resource alone.
/// </summary>
public sealed class LedgerSource : IEquatable<LedgerSource>
{
    /// <summary>The longest service name in characters; longer ones are cut.</summary>
    public const int LongestService = 128;

    /// <summary>The longest sender or instance in characters; longer ones are cut.</summary>
    public const int LongestPart = 80;

    /// <summary>What stands for those that are too many to be told apart.</summary>
    public const string Other = "(other)";

    private readonly int _hash;

    /// <summary>A source of these parts; what is too long is cut.</summary>
    public LedgerSource(SpanProtocol protocol, string service, string sender, string instance)
    {
        Protocol = protocol;
        Service = Cut(service, LongestService);
        Sender = Cut(sender, LongestPart);
        Instance = Cut(instance, LongestPart);
        _hash = HashCode.Combine(protocol, Service, Sender, Instance);
    }

    /// <summary>How the spans came; 0 where that is not known.</summary>
    public SpanProtocol Protocol { get; }

    /// <summary>The service, as sent; empty where it is not known.</summary>
    public string Service { get; }

    /// <summary>
    /// The library that sent them: <c>opentelemetry/java/1.32.0</c>, <c>jaeger/Go-2.30.0</c>; of refused requests their <c>User-Agent</c>.
    /// Empty where it is not known.
    /// </summary>
    public string Sender { get; }

    /// <summary>The instance of the service, or empty.</summary>
    public string Instance { get; }

    /// <summary>What stands for all instances of the service together.</summary>
    public LedgerSource OfAllInstances() => new(Protocol, Service, Sender, "");

    /// <summary>What stands for those of its instances that are too many to be told apart.</summary>
    public LedgerSource WithoutInstance() => new(Protocol, Service, Sender, Other);

    /// <summary>What stands for all of a protocol.</summary>
    public LedgerSource Anybody() => new(Protocol, Other, Other, Other);

    /// <inheritdoc/>
    public bool Equals(LedgerSource? other) => ReferenceEquals(this, other)
        || (other is not null && _hash == other._hash && Protocol == other.Protocol && Service == other.Service
            && Sender == other.Sender && Instance == other.Instance);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LedgerSource);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public override string ToString() => $"{Protocol} {Service} {Sender} {Instance}";

    private static string Cut(string text, int most)
    {
        if (text.Length <= most)
            return text;
        return text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Telemetry;

/// <summary>
/// What tells this system, all of its instances, from others: its telemetry bears it, so that it is recognised when it comes to this system's
/// own ingest, by whatever name or port. Every span that it took of itself would make more of them.
/// </summary>
public sealed class SystemIdentity
{
    /// <summary>The header that own telemetry bears.</summary>
    public const string Header = "x-serverless-origin";

    /// <summary>What is said to it.</summary>
    public const string Refusal =
        "This is the system's own telemetry, and it would make more of it without end. Set OTEL_EXPORTER_OTLP_ENDPOINT to another system.";

    /// <summary>Derives it from where the data is: systems that share that are one.</summary>
    public SystemIdentity(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var places = string.Join('\n', ((string[])[SpanHub.Connection, TableStorage.Connection]).Select(connection =>
            configuration[connection] ?? configuration[$"{connection}:fullyQualifiedNamespace"] ?? configuration[$"{connection}:tableServiceUri"]));
        Value = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(places)).AsSpan(0, 12));
    }

    /// <summary>What the header says.</summary>
    public string Value { get; }

    /// <summary>Whether a request brings this system's own telemetry.</summary>
    public bool IsOwn(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Headers.TryGetValue(Header, out var value) && value == Value;
    }
}

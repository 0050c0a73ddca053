using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Querying.Jaeger;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>
/// Reads the parameters of our own API. What is unknown, given twice without leave, or malformed is refused, for a filter that is
/// silently ignored answers another question.
/// </summary>
internal sealed class ApiParameters
{
    private readonly IQueryCollection _parameters;

    /// <summary>Checks that there are no others than these.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="repeatable">Those that may be given more than once.</param>
    /// <param name="single">Those that may be given once.</param>
    /// <exception cref="InvalidQueryException">There is another.</exception>
    public ApiParameters(IQueryCollection parameters, string[] repeatable, params string[] single)
    {
        _parameters = parameters;
        foreach (var (name, values) in parameters)
        {
            // The function key may stand in the query string.
            if (name == "code")
                continue;
            var isRepeatable = Array.IndexOf(repeatable, name) >= 0;
            if (!isRepeatable && Array.IndexOf(single, name) < 0)
                throw new InvalidQueryException($"There is no parameter '{name}' here; there are: {string.Join(", ", single.Concat(repeatable))}.") { Parameter = name };
            if (!isRepeatable && values.Count > 1)
                throw Invalid(name, "may be given once only");
        }
    }

    /// <summary>A parameter as it stands; null where it is not given.</summary>
    public string? Text(string name) => _parameters.TryGetValue(name, out var values) ? values[0] ?? "" : null;

    /// <summary>A parameter that may be given more than once.</summary>
    public IEnumerable<string> Texts(string name) => _parameters[name].Select(value => value ?? "");

    /// <summary>A parameter that must be given.</summary>
    /// <exception cref="InvalidQueryException">It is not.</exception>
    public string Required(string name) => Text(name) ?? throw Invalid(name, "is required");

    /// <summary><c>true</c> or <c>false</c>; null where it is not given.</summary>
    /// <exception cref="InvalidQueryException">It is neither.</exception>
    public bool? Flag(string name) => Text(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var text => throw Invalid(name, $"is true or false, not '{text}'"),
    };

    /// <summary>A whole number within bounds.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public int Number(string name, int otherwise, int least, int most) => Text(name) switch
    {
        null => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most => number,
        var text => throw Invalid(name, string.Create(CultureInfo.InvariantCulture, $"is a whole number from {least} to {most}, not '{text}'")),
    };

    /// <summary>A duration in nanoseconds, such as <c>1.5ms</c>; null where it is not given.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public long? Duration(string name)
    {
        if (Text(name) is not { } text)
            return null;
        try
        {
            if (GoDuration.Parse(text) is var duration and >= 0)
                return duration;
        }
        catch (InvalidQueryException)
        {
            // Go's texts for what is wrong are Jaeger's to give.
        }

        throw Invalid(name, $"is a duration with its unit (ns, us, ms, s, m, h), such as 1.5ms, not '{text}'");
    }

    /// <summary>A moment in nanoseconds since 1970: RFC 3339, or those nanoseconds; null where it is not given.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public ulong? Time(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds))
            return nanoseconds;
        // An unescaped plus of a time zone has become a space.
        if (text.Length > 10 && text[4] == '-' && text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && time >= DateTimeOffset.UnixEpoch)
            return (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;
        throw Invalid(name, $"is a time as 2026-01-31T12:00:00Z, or nanoseconds since 1970, not '{text}'");
    }

    /// <summary>A span's kind; null where it is not given.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public SpanKind? Kind(string name) => Text(name) switch
    {
        null => null,
        "unspecified" => SpanKind.Unspecified,
        "internal" => SpanKind.Internal,
        "server" => SpanKind.Server,
        "client" => SpanKind.Client,
        "producer" => SpanKind.Producer,
        "consumer" => SpanKind.Consumer,
        var text => throw Invalid(name, $"is one of unspecified, internal, server, client, producer, consumer, not '{text}'"),
    };

    /// <summary>A trace's id in a path: 1 to 32 hex digits.</summary>
    /// <exception cref="InvalidQueryException">It is none.</exception>
    public static TraceId TraceIdOf(string text) => TraceId.TryParse(text, out var id) && !id.IsZero
        ? id
        : throw Invalid("id", $"is a trace's id of 1 to 32 hex digits that are not all zero, not '{text}'");

    /// <summary>A parameter that is wrong.</summary>
    public static InvalidQueryException Invalid(string name, string reason) => new($"Parameter '{name}' {reason}.") { Parameter = name };
}

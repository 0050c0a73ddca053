using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Alerting.Api;

/// <summary>What the alerts' own routes have in common.</summary>
internal static class AlertRequests
{
    /// <summary>The longest body that is taken.</summary>
    public const int MaxBodyBytes = 128 * 1024;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { MaxDepth = 16 };

    /// <summary>Answers a request, and its failure as a problem.</summary>
    public static async Task<IResult> AnswerAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (AlertRequestException e)
        {
            return AlertProblem.Of(StatusCodes.Status400BadRequest, e.Message);
        }
        catch (StorageException e)
        {
            return AlertProblem.Of(e);
        }
    }

    /// <summary>The request's body as JSON.</summary>
    /// <exception cref="AlertRequestException">It is too long, or no such JSON.</exception>
    public static async Task<T> BodyAsync<T>(HttpRequest request, CancellationToken cancellation)
    {
        var body = new byte[MaxBodyBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation);
        if (length == body.Length)
            throw new AlertRequestException($"The body has more than {MaxBodyBytes} bytes.");
        try
        {
            return JsonSerializer.Deserialize<T>(body.AsSpan(0, length), Options) ?? throw new AlertRequestException("The body is null; an object is expected.");
        }
        catch (JsonException e)
        {
            throw new AlertRequestException($"The body is not the JSON that is expected, at {e.Path ?? "$"}, line {e.LineNumber + 1}: {e.Message}");
        }
    }

    /// <summary>A parameter that is a whole number, or what is taken where it is missing.</summary>
    public static int Number(HttpRequest request, string name, int missing, int least, int most)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } text)
            return missing;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new AlertRequestException($"'{name}' must be a whole number from {least} to {most}, not '{text}'.");
    }

    /// <summary>A parameter that is a time, or null where it is missing.</summary>
    public static DateTimeOffset? Time(HttpRequest request, string name)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new AlertRequestException($"'{name}' must be a time such as 2026-01-31T12:00:00Z, not '{text}'.");
    }
}

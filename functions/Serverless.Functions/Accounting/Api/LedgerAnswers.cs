using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Buffering;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;

namespace Serverless.Functions.Accounting.Api;

/// <summary>What the ledger's routes have in common.</summary>
internal static class LedgerAnswers
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(8);

    /// <summary>Runs a query; where it fails, a problem tells why.</summary>
    public static Task<IResult> AnswerAsync(Func<Task<IResult>> answer) => ApiAnswers.AnswerAsync(async () =>
    {
        try
        {
            return await answer();
        }
        catch (HubException e)
        {
            return new ProblemAnswer(ProblemType.HubUnavailable, $"The event hub cannot be asked now; the request is right, send it again later. {e.Message}")
            {
                RetryAfterSeconds = QueryFailures.RetryAfterSeconds,
            };
        }
        catch (FormatException e)
        {
            return new ProblemAnswer(ProblemType.Damaged, $"A row of the ledger is damaged; the request is right. {e.Message}");
        }
    });

    /// <summary>The window of a query, by default parameters <c>start</c> and <c>end</c>: the last hour where nothing is said.</summary>
    /// <exception cref="InvalidQueryException">It is empty, or too long.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) Window(ApiParameters parameters, DateTimeOffset now, string start = "start", string end = "end")
    {
        var to = Time(parameters, end) ?? now;
        var from = Time(parameters, start) ?? to - DefaultWindow;
        if (from >= to)
            throw ApiParameters.Invalid(start, $"must lie before '{end}'");
        if (to - from > LongestWindow)
            throw ApiParameters.Invalid(start, $"may lie at most {LongestWindow.TotalDays:0} days before '{end}'");
        return (from, to);
    }

    /// <summary>A time as all of the ledger's answers write it.</summary>
    public static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time) =>
        json.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));

    private static DateTimeOffset? Time(ApiParameters parameters, string name) =>
        parameters.Time(name) is { } ns ? DateTimeOffset.UnixEpoch.AddTicks((long)(ns / 100)) : null;
}

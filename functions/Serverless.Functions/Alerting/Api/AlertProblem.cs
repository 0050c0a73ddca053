using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Querying;

namespace Serverless.Functions.Alerting.Api;

/// <summary>The failures of the alerts' own routes.</summary>
internal static class AlertProblem
{
    /// <summary>The caller's mistake.</summary>
    public static IResult Invalid(string detail, Action<Utf8JsonWriter>? further = null) => new ProblemAnswer(ProblemType.InvalidRequest, detail) { Further = further };

    /// <summary>There is no such rule or silence.</summary>
    public static IResult NotFound(string detail) => new ProblemAnswer(ProblemType.NotFound, detail);

    /// <summary>It cannot be done as things are.</summary>
    public static IResult NotPossible(string detail) => new ProblemAnswer(ProblemType.NotPossible, detail);

    /// <summary>The table of alerts cannot be read or written.</summary>
    public static IResult Of(Storage.StorageException e) => new ProblemAnswer(
        e.IsTransient ? ProblemType.StorageUnavailable : ProblemType.StorageRefused, $"The table of alerts cannot be used; the request is right. {e.Message}")
    {
        RetryAfterSeconds = e.IsTransient ? QueryFailures.RetryAfterSeconds : 0,
    };
}

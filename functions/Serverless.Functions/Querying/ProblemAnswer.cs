using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Querying;

/// <summary>
/// A failure as RFC 9457 tells it (<c>application/problem+json</c>): the shape of every error of our own routes. Where an API that is not ours
/// dictates another shape, that one is answered.
/// </summary>
/// <param name="type">What sort of problem.</param>
/// <param name="detail">What is wrong here, and what to do.</param>
internal sealed class ProblemAnswer(ProblemType type, string detail) : IResult
{
    /// <summary>The type of such answers.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>The parameter that is wrong, or null.</summary>
    public string? Parameter { get; init; }

    /// <summary>Where in the parameter's value or the body, in bytes, or null.</summary>
    public int? Offset { get; init; }

    /// <summary>When to come back, in seconds; 0 to say nothing.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>A header besides, or null.</summary>
    public (string Name, string Value)? Header { get; init; }

    /// <summary>Writes what the problem has beyond the members that every one has.</summary>
    public Action<Utf8JsonWriter>? Further { get; init; }

    /// <summary>Sends the answer; the request's path is the problem's instance.</summary>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var instance = httpContext.Request.Path.ToUriComponent();
        return new JsonAnswer(JsonAnswer.Whole(json => Write(json, instance)))
        {
            Status = type.Status, ContentType = ContentType, RetryAfterSeconds = RetryAfterSeconds, Header = Header,
        }.ExecuteAsync(httpContext);
    }

    private void Write(Utf8JsonWriter json, string instance)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type.Uri);
        json.WriteString("title"u8, type.Title);
        json.WriteNumber("status"u8, type.Status);
        json.WriteString("detail"u8, detail);
        json.WriteString("instance"u8, instance);
        if (Parameter is not null)
            json.WriteString("parameter"u8, Parameter);
        if (Offset is { } offset)
            json.WriteNumber("offset"u8, offset);
        Further?.Invoke(json);
        json.WriteEndObject();
    }
}

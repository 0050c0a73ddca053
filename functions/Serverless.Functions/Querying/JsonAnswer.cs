using System.Globalization;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Functions.Querying;

/// <summary>An answer in JSON that is sent while it is written, so that a large one is never in memory as a whole.</summary>
/// <param name="write">Writes the body; calls <see cref="JsonPieces.SendAsync"/> between its parts.</param>
internal sealed class JsonAnswer(Func<JsonPieces, Task> write) : IResult
{
    private const int MaxReasonLength = 500;

    /// <summary>The HTTP status.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The type that is told; Jaeger calls the JSON of its errors plain text.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Lays the JSON out for people, with 4 spaces as Jaeger does.</summary>
    public bool IsIndented { get; init; }

    /// <summary>A header besides those, or null.</summary>
    public (string Name, string Value)? Header { get; init; }

    /// <summary>
    /// What the status line says after the number, or null for the standard words. What is not printable ASCII becomes a question mark; HTTP/2
    /// has no such line.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>When to come back, in seconds; 0 to say nothing.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>How long the caller may take to receive the answer, by which clock; null for any time.</summary>
    public (TimeSpan Most, TimeProvider Clock)? TimeLimit { get; init; }

    /// <summary>An answer that is small enough to be written in one go.</summary>
    public static JsonAnswer Of(Action<Utf8JsonWriter> write) => new(Whole(write));

    /// <summary>The writing of something small.</summary>
    public static Func<JsonPieces, Task> Whole(Action<Utf8JsonWriter> write) => pieces =>
    {
        write(pieces.Json);
        return Task.CompletedTask;
    };

    /// <summary>Sends the answer.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (Reason is not null)
            SayReason(httpContext, Reason);
        response.ContentType = ContentType;
        if (Header is var (name, value))
            response.Headers[name] = value;
        if (Status >= StatusCodes.Status400BadRequest)
            response.Headers.XContentTypeOptions = "nosniff";
        if (RetryAfterSeconds > 0)
            response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);

        // Escaping for HTML would only make the answer longer: none of its types is ever taken for a page.
        var options = new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = IsIndented, IndentSize = 4, SkipValidation = true,
        };
        var gzip = GzipPipe.IsTaken(httpContext.Request) ? new GzipPipe(response) : null;
        var pipe = gzip?.Writer ?? response.BodyWriter;
        using var json = new Utf8JsonWriter(pipe, options);
        if (TimeLimit is not { } limit)
        {
            await WriteAsync(response, json, pipe, gzip, httpContext.RequestAborted);
            return;
        }

        using var tooSlow = new CancellationTokenSource(limit.Most, limit.Clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(tooSlow.Token, httpContext.RequestAborted);
        try
        {
            await WriteAsync(response, json, pipe, gzip, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // What was sent is not the whole: only a broken connection can say so.
            httpContext.Abort();
        }
    }

    private async Task WriteAsync(HttpResponse response, Utf8JsonWriter json, PipeWriter pipe, GzipPipe? gzip, CancellationToken cancellation)
    {
        var pieces = new JsonPieces(json, pipe, cancellation);
        await write(pieces);
        json.Flush();
        if (pieces.IsWhole && (gzip is null || json.BytesCommitted < GzipPipe.LeastBytes))
        {
            gzip?.Bypass();
            response.ContentLength = json.BytesCommitted;
        }

        await pipe.FlushAsync(cancellation);
        if (gzip is not null)
            await gzip.CompleteAsync();
    }

    /// <summary>Puts a text behind the number in the status line: the pages of Jaeger and Zipkin show people nothing else of a failure.</summary>
    public static void SayReason(HttpContext httpContext, string text)
    {
        if (httpContext.Features.Get<IHttpResponseFeature>() is { } feature)
            feature.ReasonPhrase = Printable(text);
    }

    private static string Printable(string text) =>
        string.Create(Math.Min(text.Length, MaxReasonLength), text, (line, from) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
        });
}

using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Serverless.Local;

/// <summary>
/// What the answer of the app's HTTP function means in gRPC. OTLP's clients try again only after the codes that its
/// specification lists, and after RESOURCE_EXHAUSTED only where there is a RetryInfo.
/// </summary>
/// <remarks>https://opentelemetry.io/docs/specs/otlp/#failures</remarks>
internal static class GrpcStatuses
{
    private static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(1);

    /// <summary>The status for an answer.</summary>
    /// <param name="response">Its status, type and headers.</param>
    /// <param name="body">Its body: <c>google.rpc.Status</c>, or text.</param>
    public static GrpcStatus Of(HttpResponse response, ReadOnlySpan<byte> body)
    {
        if (response.StatusCode == StatusCodes.Status200OK)
            return new GrpcStatus(GrpcStatusCode.Ok);
        var (code, usual) = Of(response.StatusCode);
        var isBusy = response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;
        return new GrpcStatus(code, TextOf(response, body) ?? usual, isBusy ? DelayOf(response) : null);
    }

    private static (GrpcStatusCode Code, string Text) Of(int status) => status switch
    {
        StatusCodes.Status400BadRequest => (GrpcStatusCode.InvalidArgument, "The message is malformed."),
        StatusCodes.Status401Unauthorized => (GrpcStatusCode.Unauthenticated, "The function key is missing or wrong; send it as metadata x-functions-key."),
        StatusCodes.Status403Forbidden => (GrpcStatusCode.PermissionDenied, "This client may not call the method."),
        StatusCodes.Status404NotFound => (GrpcStatusCode.Unimplemented, "The app has no function for the method."),
        StatusCodes.Status408RequestTimeout => (GrpcStatusCode.DeadlineExceeded, "The message did not arrive in time."),
        StatusCodes.Status413PayloadTooLarge => (GrpcStatusCode.ResourceExhausted, "The message is too large; send fewer spans in a request."),
        StatusCodes.Status415UnsupportedMediaType => (GrpcStatusCode.Unimplemented, "The app does not take messages of this kind."),
        StatusCodes.Status429TooManyRequests => (GrpcStatusCode.ResourceExhausted, "The app is asked too often; try again later."),
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout =>
            (GrpcStatusCode.Unavailable, "The app is not available; try again later."),
        StatusCodes.Status500InternalServerError => (GrpcStatusCode.Internal, "The app's function failed; its log says why."),
        _ => (GrpcStatusCode.Unknown, string.Create(CultureInfo.InvariantCulture, $"The app answered with status {status}.")),
    };

    private static string? TextOf(HttpResponse response, ReadOnlySpan<byte> body)
    {
        var type = response.ContentType ?? "";
        var text = body.Length == 0 ? null
            : type.StartsWith("application/x-protobuf", StringComparison.OrdinalIgnoreCase) ? RpcStatusMessage.TextOf(body)
            : type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8.GetString(body) : null;
        return string.IsNullOrEmpty(text) ? null : text;
    }

    private static TimeSpan DelayOf(HttpResponse response) =>
        uint.TryParse(response.Headers.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : UsualDelay;
}

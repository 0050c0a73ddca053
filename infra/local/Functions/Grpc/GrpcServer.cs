using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Local;

/// <summary>
/// Answers gRPC on its port: the unary calls of <see cref="OtlpServices"/>, whose messages go through the same
/// pipeline as requests of the function for them. Azure Functions cannot serve gRPC; there a collector does.
/// </summary>
/// <remarks>https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md</remarks>
internal sealed class GrpcServer(RequestDelegate next, RunnerAddresses addresses, TimeProvider clock)
{
    /// <summary>The type of calls and answers.</summary>
    public const string ContentType = "application/grpc";

    private static readonly TimeSpan PrefixPatience = TimeSpan.FromSeconds(30);

    /// <summary>Answers what comes over the port, and leaves everything else to the next.</summary>
    public Task InvokeAsync(HttpContext http) => http.Connection.LocalPort == addresses.GrpcPort ? AnswerAsync(http) : next(http);

    private async Task AnswerAsync(HttpContext http)
    {
        var type = http.Request.ContentType ?? "";
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = HttpMethods.Post;
            return;
        }

        if (!type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var answer = new MemoryStream();
        GrpcStatus status;
        try
        {
            status = await CallAsync(http, answer);
        }
        catch (GrpcException e)
        {
            status = e.Status;
        }
        catch (BadHttpRequestException e)
        {
            status = new GrpcStatus(GrpcStatusCode.InvalidArgument, $"The body broke off: {e.Message}");
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            return;
        }

        if (!http.RequestAborted.IsCancellationRequested)
            await GrpcAnswer.WriteAsync(http.Response, status, Written(answer));
    }

    private async Task<GrpcStatus> CallAsync(HttpContext http, MemoryStream answer)
    {
        var request = http.Request;
        if (OtlpServices.RouteOf(request.Path.Value) is not { } route)
            throw Unimplemented($"There is no method '{request.Path}' here, only '{OtlpServices.ExportTraces}' and '{OtlpServices.ExportMetrics}'.");
        if (!IsProtobuf(request.ContentType!))
            throw Unimplemented($"Content-Type '{request.ContentType}' is not supported; use {ContentType} or {ContentType}+proto.");
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null; // The function knows the message's length, and has a bound of its own.
        using var deadline = new GrpcDeadline(GrpcTimeout.Parse(request.Headers["grpc-timeout"]), clock, http.RequestAborted);
        try
        {
            var message = await OpenAsync(request, deadline.Token);
            var inner = GrpcInnerRequest.Of(http, route, message, answer, deadline.Token);
            await next(inner);
            if (message.Failure is { } failure)
                throw failure;
            if (!deadline.IsOver)
                return GrpcStatuses.Of(inner.Response, Written(answer).Span);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            // Answered below.
        }

        return new GrpcStatus(GrpcStatusCode.DeadlineExceeded, $"The call was not done within its grpc-timeout, {request.Headers["grpc-timeout"]}.");
    }

    private async Task<GrpcMessageStream> OpenAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var patience = new GrpcDeadline(PrefixPatience, clock, cancellation);
        try
        {
            return await GrpcMessageStream.OpenAsync(request.Body, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsOver)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, $"No message came within {PrefixPatience.TotalSeconds} s.");
        }
    }

    private static bool IsProtobuf(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var type = (end < 0 ? contentType : contentType[..end]).TrimEnd();
        return type.Length == ContentType.Length || type[ContentType.Length..].Equals("+proto", StringComparison.OrdinalIgnoreCase);
    }

    private static ReadOnlyMemory<byte> Written(MemoryStream answer) => answer.GetBuffer().AsMemory(0, (int)answer.Length);

    private static GrpcException Unimplemented(string message) => new(GrpcStatusCode.Unimplemented, message);
}

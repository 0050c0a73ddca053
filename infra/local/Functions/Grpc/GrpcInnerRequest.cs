using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Local;

/// <summary>The request that a call's message makes for the app, with an answer of its own.</summary>
internal static class GrpcInnerRequest
{
    private const string EncodingHeader = "grpc-encoding";

    /// <summary>Makes the request.</summary>
    /// <param name="http">The call.</param>
    /// <param name="route">The function's route.</param>
    /// <param name="message">Its message, which becomes the body.</param>
    /// <param name="answer">Where the answer's body goes.</param>
    /// <param name="aborted">Set at the call's end.</param>
    /// <exception cref="GrpcException">The message is compressed in an unknown way.</exception>
    public static HttpContext Of(HttpContext http, string route, GrpcMessageStream message, Stream answer, CancellationToken aborted) =>
        new DefaultHttpContext(FeaturesOf(http, route, message, answer, aborted));

    private static FeatureCollection FeaturesOf(HttpContext http, string route, GrpcMessageStream message, Stream answer, CancellationToken aborted)
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = HttpMethods.Post,
            Scheme = http.Request.Scheme,
            Protocol = http.Request.Protocol,
            Path = route,
            RawTarget = route,
            Headers = HeadersOf(http.Request, message),
            Body = message,
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = aborted });
        features.Set(http.Features.Get<IHttpConnectionFeature>());
        features.Set(http.Features.Get<IHttpRequestIdentifierFeature>());
        features.Set<IServiceProvidersFeature>(new ServiceProvidersFeature { RequestServices = http.RequestServices });
        return features;
    }

    /// <summary>The metadata of the call, which may hold the function's key, and what the message needs.</summary>
    private static IHeaderDictionary HeadersOf(HttpRequest request, GrpcMessageStream message)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        foreach (var (name, value) in request.Headers)
        {
            if (name[0] != ':' && !name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase))
                headers[name] = value;
        }

        headers.Remove("TE");
        headers.Remove("Content-Encoding");
        headers.ContentType = OtlpServices.MessageType;
        headers.ContentLength = message.MessageBytes;
        if (message.IsCompressed)
            headers.ContentEncoding = EncodingOf(request);
        return headers;
    }

    private static string EncodingOf(HttpRequest request)
    {
        var encoding = request.Headers[EncodingHeader].ToString();
        return encoding.ToLowerInvariant() switch
        {
            "gzip" or "deflate" => encoding,
            "" or "identity" => throw new GrpcException(
                GrpcStatusCode.InvalidArgument, $"The message is marked as compressed at offset 0, but {EncodingHeader} does not say how."),
            _ => throw new GrpcException(
                GrpcStatusCode.Unimplemented, $"{EncodingHeader} '{encoding}' is not supported; use one of {GrpcAnswer.Encodings}."),
        };
    }
}

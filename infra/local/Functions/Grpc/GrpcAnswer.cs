using System.Buffers.Binary;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Serverless.Local;

/// <summary>Writes the end of a call: the message and its status as trailers, or a status alone.</summary>
internal static class GrpcAnswer
{
    /// <summary>The encodings of messages that are taken, as <c>grpc-accept-encoding</c> lists them.</summary>
    public const string Encodings = "identity,deflate,gzip";

    private const int PrefixBytes = 5;

    /// <summary>Answers a call.</summary>
    /// <param name="response">Where to.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="message">Its message, where it ended well.</param>
    public static async Task WriteAsync(HttpResponse response, GrpcStatus status, ReadOnlyMemory<byte> message)
    {
        response.ContentType = GrpcServer.ContentType;
        response.Headers["grpc-accept-encoding"] = Encodings;
        if (status.Code != GrpcStatusCode.Ok)
        {
            // Without a message there is nothing between headers and trailers: they are one.
            status = status with { Message = GrpcStatusText.Cut(status.Message) };
            response.Headers["grpc-status"] = Text(status.Code);
            response.Headers["grpc-message"] = GrpcStatusText.Encode(status.Message);
            if (status.RetryDelay is not null)
                response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(RpcStatusMessage.Encode(status)).TrimEnd('=');
            return;
        }

        var frame = new byte[PrefixBytes + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame.AsMemory(PrefixBytes));
        await response.Body.WriteAsync(frame, response.HttpContext.RequestAborted);
        response.AppendTrailer("grpc-status", Text(status.Code));
    }

    private static string Text(GrpcStatusCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);
}

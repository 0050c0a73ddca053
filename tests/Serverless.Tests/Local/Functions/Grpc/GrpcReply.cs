using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;

namespace Serverless.Tests.Local.Functions.Grpc;

/// <summary>The end of a call.</summary>
internal sealed class GrpcReply
{
    public GrpcReply(HttpResponseMessage response, byte[] body)
    {
        HttpStatus = response.StatusCode;
        Body = body;
        ContentType = response.Content.Headers.ContentType?.ToString();
        var all = response.Headers.NonValidated.Concat(response.TrailingHeaders.NonValidated);
        foreach (var (name, value) in all)
            Metadata[name] = value.ToString();
        IsTrailersOnly = !response.TrailingHeaders.NonValidated.Contains("grpc-status");
    }

    public HttpStatusCode HttpStatus { get; }

    public byte[] Body { get; }

    public string? ContentType { get; }

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the status came with the headers.</summary>
    public bool IsTrailersOnly { get; }

    public int Status => int.Parse(Metadata["grpc-status"]);

    public string Text => Uri.UnescapeDataString(Metadata["grpc-message"]);

    /// <summary>The only message.</summary>
    public byte[] Message
    {
        get
        {
            Assert.Equal(0, Body[0]);
            Assert.Equal((uint)Body.Length - 5, BinaryPrimitives.ReadUInt32BigEndian(Body.AsSpan(1)));
            return Body[5..];
        }
    }

    /// <summary>When to try again, of the google.rpc.RetryInfo in the google.rpc.Status; null where there is none.</summary>
    public TimeSpan? RetryDelay
    {
        get
        {
            if (!Metadata.TryGetValue("grpc-status-details-bin", out var details))
                return null;
            var bytes = Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '='));
            var status = Fields(bytes);
            Assert.Equal(Status, (int)(ulong)status[1]);
            Assert.Equal(Text, ((ByteString)status[2]).ToStringUtf8());
            var any = Fields(((ByteString)status[3]).ToByteArray());
            Assert.Equal("type.googleapis.com/google.rpc.RetryInfo", ((ByteString)any[1]).ToStringUtf8());
            var delay = Fields(((ByteString)Fields(((ByteString)any[2]).ToByteArray())[1]).ToByteArray());
            return TimeSpan.FromSeconds((ulong)delay.GetValueOrDefault(1, 0UL)) + TimeSpan.FromTicks((long)((ulong)delay.GetValueOrDefault(2, 0UL) / 100));
        }
    }

    private static Dictionary<int, object> Fields(byte[] message)
    {
        var fields = new Dictionary<int, object>();
        var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            fields[WireFormat.GetTagFieldNumber(tag)] = WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint ? input.ReadUInt64() : input.ReadBytes();
        return fields;
    }
}

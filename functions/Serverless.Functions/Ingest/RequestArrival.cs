using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Ingest;

/// <summary>A request with spans, and what the ledger is to know of it should it be refused.</summary>
public sealed class RequestArrival(HttpRequest request, SpanProtocol protocol, ReceiptId id)
{
    /// <summary>The request.</summary>
    public HttpRequest Request { get; } = request;

    /// <summary>How it came.</summary>
    public SpanProtocol Protocol { get; } = protocol;

    /// <summary>Its receipt; its time is when it came.</summary>
    public ReceiptId Id { get; } = id;

    /// <summary>How many bytes its body has, as far as they came or were announced; -1 where neither is known.</summary>
    public long BodyLength { get; set; } = request.ContentLength ?? -1;

    /// <summary>How many spans are refused with it, as far as that is known and nothing else tells whose they are.</summary>
    public int Spans { get; set; }

    /// <summary>The spans that are refused with it by source, where that is known; empty where they are told elsewhere.</summary>
    public LedgerCounts? Refused { get; set; }

    /// <summary>Who sent all of it, where that is one and is known.</summary>
    public LedgerSource? Source { get; set; }

    /// <summary>The first bytes of its body, as it came.</summary>
    public byte[] FirstBytes { get; private set; } = [];

    /// <summary>The program that sent it, by its <c>User-Agent</c>.</summary>
    public LedgerSource Sender => LedgerSources.Of(Protocol, Request.Headers.UserAgent.ToString());

    /// <summary>Keeps the first bytes of the body, which is given back before the answer.</summary>
    public void KeepSample(RequestBody body)
    {
        var bytes = body.Bytes;
        FirstBytes = bytes[..Math.Min(bytes.Length, LedgerSample.MostBytes)].ToArray();
    }
}

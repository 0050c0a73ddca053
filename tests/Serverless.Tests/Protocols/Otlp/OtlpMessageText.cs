using System.Globalization;
using System.Text;
using Google.Protobuf;
using Serverless.Tests.Protocols.Protobuf;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>The spans of a request as <see cref="BatchText"/> writes them, without the decoder.</summary>
internal sealed class OtlpMessageText
{
    private readonly StringBuilder _text = new();

    public OtlpMessageText(DynamicMessage request)
    {
        foreach (var resourceSpans in request.Messages(1))
        {
            foreach (var scopeSpans in resourceSpans.Messages(2))
            {
                foreach (var span in scopeSpans.Messages(2))
                {
                    if (IsValid(span))
                        Append(span, scopeSpans, resourceSpans);
                    else
                        Rejected++;
                }
            }
        }
    }

    public int Accepted { get; private set; }

    public int Rejected { get; private set; }

    public override string ToString() => _text.ToString();

    private static bool IsValid(DynamicMessage span) =>
        IsId(span, 1, 16, mayBeNone: false) && IsId(span, 2, 8, mayBeNone: false) && IsId(span, 4, 8, mayBeNone: true)
        && span.Messages(13).All(link => IsId(link, 1, 16, mayBeNone: true) && IsId(link, 2, 8, mayBeNone: true));

    private static bool IsId(DynamicMessage message, int number, int length, bool mayBeNone)
    {
        var bytes = message.Get<ByteString>(number) ?? ByteString.Empty;
        return mayBeNone ? bytes.Length == 0 || bytes.Length == length : bytes.Length == length && bytes.Any(octet => octet != 0);
    }

    private void Append(DynamicMessage span, DynamicMessage scopeSpans, DynamicMessage resourceSpans)
    {
        Accepted++;
        var start = span.Get<ulong>(7);
        var end = span.Get<ulong>(8);
        var isTimed = start != 0 && end != 0;
        var marks = start == 0 ? SpanMarks.NoStart | SpanMarks.NoDuration : end == 0 ? SpanMarks.NoDuration : SpanMarks.None;
        var status = span.Get<DynamicMessage>(15);
        var kind = span.Get<int>(6) is >= 0 and <= 5 and var number ? (SpanKind)number : SpanKind.Unspecified;
        var code = status?.Get<int>(3) is >= 0 and <= 2 and var value ? (SpanStatus)value : SpanStatus.Unset;
        Line($"{TraceIdOf(span, 1)} {Id(span, 2)} < {Id(span, 4)} {kind} '{span.Text(5)}' {start}+{(isTimed ? (long)(end - start) : 0)} {code} '{status?.Text(2)}' flags={span.Get<uint>(16):x} state='{span.Text(3)}' {marks}");
        Line($" attributes{Attributes(span, 9)} dropped={span.Get<uint>(10)}");
        foreach (var item in span.Messages(11))
            Line($" event {item.Get<ulong>(1)} '{item.Text(2)}'{Attributes(item, 3)} dropped={item.Get<uint>(4)}");
        Line($" events={span.All(11).Count} dropped={span.Get<uint>(12)}");
        foreach (var link in span.Messages(13))
            Line($" link {TraceIdOf(link, 1)} {Id(link, 2)} state='{link.Text(3)}'{Attributes(link, 4)} dropped={link.Get<uint>(5)} flags={link.Get<uint>(6):x}");
        Line($" links={span.All(13).Count} dropped={span.Get<uint>(14)}");
        var resource = resourceSpans.Get<DynamicMessage>(1);
        Line($" resource '{ServiceName(resource)}'{Attributes(resource, 1)} dropped={resource?.Get<uint>(2) ?? 0} schema='{resourceSpans.Text(3)}'");
        var scope = scopeSpans.Get<DynamicMessage>(1);
        if (scope is not null || scopeSpans.Text(3).Length > 0)
            Line($" scope '{scope?.Text(1)}' '{scope?.Text(2)}'{Attributes(scope, 3)} dropped={scope?.Get<uint>(4) ?? 0} schema='{scopeSpans.Text(3)}'");
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static TraceId TraceIdOf(DynamicMessage message, int number)
    {
        var hex = Convert.ToHexString((message.Get<ByteString>(number) ?? ByteString.Empty).Span).PadLeft(32, '0');
        return new TraceId(Convert.ToUInt64(hex[..16], 16), Convert.ToUInt64(hex[16..], 16));
    }

    private static string Id(DynamicMessage message, int number) =>
        Convert.ToHexStringLower((message.Get<ByteString>(number) ?? ByteString.Empty).Span).PadLeft(16, '0');

    private static string ServiceName(DynamicMessage? resource) =>
        resource?.Messages(1).LastOrDefault(tag => tag.Text(1) == "service.name" && tag.Get<DynamicMessage>(2)?.Has(1) == true)?.Get<DynamicMessage>(2)!.Text(1) ?? "";

    private static string Attributes(DynamicMessage? message, int number)
    {
        var text = new StringBuilder();
        foreach (var tag in message?.Messages(number) ?? [])
        {
            var value = Value(tag.Get<DynamicMessage>(2));
            text.Append(' ').Append(tag.Text(1)).Append(':').Append(value.Type).Append('=')
                .Append(value.IsBoolean ? "" : value.Type == AttributeType.Bytes ? Convert.ToHexString(value.Bytes) : value.ToString());
        }

        return text.ToString();
    }

    private static AttributeValue Value(DynamicMessage? any) =>
        any is null ? default
        : any.Has(1) ? AttributeValue.Of(any.Text(1))
        : any.Has(2) ? AttributeValue.Of(any.Get<bool>(2))
        : any.Has(3) ? AttributeValue.Of(any.Get<long>(3))
        : any.Has(4) ? AttributeValue.Of(any.Get<double>(4))
        : any.Has(5) ? AttributeValue.Of([.. any.Get<DynamicMessage>(5)!.Messages(1).Select(Value)])
        : any.Has(6) ? AttributeValue.Of([.. any.Get<DynamicMessage>(6)!.Messages(1).Select(e => new SpanAttribute(e.Text(1), Value(e.Get<DynamicMessage>(2))))])
        : any.Has(7) ? AttributeValue.Of(any.Get<ByteString>(7)!.ToByteArray())
        : default;
}

using System.Net;

namespace Serverless.Tracing.Frames;

/// <content>Reading what the spans of a frame refer to.</content>
public sealed partial class FrameReader
{
    private void ReadTexts(ref ByteSource source, int bodyAt)
    {
        _texts.TruncateTo(0);
        _texts.Add();
        var count = source.Count();
        for (var i = 0; i < count; i++)
        {
            var length = source.Index(int.MaxValue);
            ref var text = ref _texts.Add();
            text.Form = (byte)(length & ((1 << TextForm.Bits) - 1));
            text.Length = length >> TextForm.Bits;
            if (!TextForm.IsPossible(text.Form, text.Length))
                throw new FrameFormatException(bodyAt + source.Position, $"a text of {text.Length} bytes in form {text.Form}");
        }

        for (var i = 1; i <= count; i++)
        {
            ref var text = ref _texts[i];
            if (text.Form == TextForm.Plain)
                Place(ref text, ref source, bodyAt);
        }

        _unpackedLength = 0;
        for (var i = 1; i <= count; i++)
        {
            ref var text = ref _texts[i];
            if (TextForm.IsPacked(text.Form))
                Unpack(ref text, source.Bytes(TextForm.PackedLength(text.Form, text.Length)));
            else if (text.Form == TextForm.Variable)
                Place(ref text, ref source, bodyAt);
        }
    }

    private static void Place(ref TextPlace text, ref ByteSource source, int bodyAt)
    {
        text.Offset = bodyAt + source.Position;
        source.Bytes(text.Length);
    }

    private void Unpack(ref TextPlace text, ReadOnlySpan<byte> packed)
    {
        if (_unpackedLength + text.Length > _unpacked.Length)
            Array.Resize(ref _unpacked, Math.Max(_unpacked.Length * 2, _unpackedLength + text.Length));
        text.Offset = _unpackedLength;
        TextForm.Unpack(text.Form, packed, _unpacked.AsSpan(text.Offset, text.Length));
        _unpackedLength += text.Length;
    }

    private void ReadEndpoints(ref ByteSource source)
    {
        _endpoints.TruncateTo(0);
        for (var left = source.Count(); left > 0; left--)
        {
            var name = source.Index(_texts.Count);
            var has = source.Byte();
            var ipv4 = (has & FrameFormat.HasIpv4) != 0 ? new IPAddress(source.Bytes(4)) : null;
            var ipv6 = (has & FrameFormat.HasIpv6) != 0 ? new IPAddress(source.Bytes(16)) : null;
            _endpoints.Add() = new FrameEndpoint(name, ipv4, ipv6, source.Index(65_536));
        }
    }

    private void ReadResources(ref ByteSource source)
    {
        _resources.TruncateTo(0);
        for (var left = source.Count(); left > 0; left--)
        {
            _resources.Add() = new FrameResource(
                source.Index(_texts.Count), source.Index(_texts.Count), source.Index(_endpoints.Count + 1), source.UInt32(),
                ReadAttributes(ref source));
        }
    }

    private void ReadScopes(ref ByteSource source)
    {
        _scopes.TruncateTo(0);
        for (var left = source.Count(); left > 0; left--)
        {
            _scopes.Add() = new FrameScope(
                source.Index(_texts.Count), source.Index(_texts.Count), source.Index(_texts.Count), source.UInt32(),
                ReadAttributes(ref source));
        }
    }

    private void ReadShapes(ref ByteSource source)
    {
        _shapes.TruncateTo(0);
        _shapes.Add();
        _shapeKeys.TruncateTo(0);
        for (var left = source.Count(); left > 0; left--)
        {
            var keys = source.Count();
            _shapes.Add() = (_shapeKeys.Count, keys);
            for (; keys > 0; keys--)
                _shapeKeys.Add() = (source.Index(_texts.Count), ReadType(ref source));
        }
    }

    private struct TextPlace
    {
        public int Offset;
        public int Length;
        public byte Form;
    }
}

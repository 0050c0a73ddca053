using System.Globalization;
using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Analytics;

/// <summary>
/// Writes attributes as JSON that Kusto's <c>dynamic</c> reads with the same types: integers are long also beyond 2^53 (Kusto keeps all 64
/// bits), floating-point numbers always have a point or an exponent, NaN and the infinities are texts (<c>todouble</c> reads them), bytes
/// are base64 (<c>base64_decode_toarray</c>), a value that is set to nothing is null.
/// </summary>
internal sealed class AnalyticsValues(JsonBytes json)
{
    // Up to so many keys are compared with each other, which needs no table.
    private const int FewKeys = 16;

    private readonly Dictionary<string, int> _used = new(StringComparer.Ordinal);

    /// <summary>How much is written.</summary>
    public AnalyticsCut Cut { get; set; } = AnalyticsCut.None;

    /// <summary>Beyond this length the line is too long and will be written anew: the rest of a list is not worth the memory.</summary>
    public int MostLength { get; set; } = int.MaxValue;

    /// <summary>The line is too long already.</summary>
    public bool IsOver => json.Length > MostLength;

    /// <summary>A bag of attributes. A key that was sent again becomes <c>key#2</c>, <c>key#3</c>: JSON that repeats a name would lose one.</summary>
    public void Bag(IReadOnlyList<SpanAttribute> attributes)
    {
        var all = AsSpan(attributes);
        if (all.Length > Cut.Items)
            all = all[..Cut.Items];
        json.Raw((byte)'{');
        if (!HasRepeatedKey(all))
        {
            for (var i = 0; i < all.Length && !IsOver; i++)
            {
                if (i > 0)
                    json.Raw((byte)',');
                Entry(all[i].Key, all[i].Value);
            }
        }
        else
        {
            RenamedBag(all);
        }

        json.Raw((byte)'}');
    }

    private static ReadOnlySpan<SpanAttribute> AsSpan(IReadOnlyList<SpanAttribute> attributes) => attributes switch
    {
        SpanAttribute[] array => array,
        List<SpanAttribute> list => CollectionsMarshal.AsSpan(list),
        _ => attributes.ToArray(),
    };

    private void Entry(string key, AttributeValue value)
    {
        json.Text(Cut.Of(key));
        json.Raw((byte)':');
        Value(value);
    }

    private void Value(AttributeValue value)
    {
        switch (value.Type)
        {
            case AttributeType.String:
                json.Text(Cut.Of(value.Text));
                break;
            case AttributeType.Int64:
                json.Number(value.Int64);
                break;
            case AttributeType.Double:
                json.Number(value.Double);
                break;
            case AttributeType.True or AttributeType.False:
                json.Boolean(value.Type == AttributeType.True);
                break;
            case AttributeType.Bytes:
                json.Base64(value.Bytes.AsSpan(0, Math.Min(value.Bytes.Length, Cut.TextCharacters)));
                break;
            case AttributeType.Array:
                Array(value.Items);
                break;
            case AttributeType.Map:
                Bag(value.Entries);
                break;
            default:
                json.Raw("null"u8);
                break;
        }
    }

    private void Array(IReadOnlyList<AttributeValue> items)
    {
        json.Raw((byte)'[');
        for (var i = 0; i < Math.Min(items.Count, Cut.Items) && !IsOver; i++)
        {
            if (i > 0)
                json.Raw((byte)',');
            Value(items[i]);
        }

        json.Raw((byte)']');
    }

    private bool HasRepeatedKey(ReadOnlySpan<SpanAttribute> attributes)
    {
        if (attributes.Length > FewKeys || Cut != AnalyticsCut.None)
            return HasRepeatedKeyOfMany(attributes);
        // Keys of which no other has the length and the last letter need not be compared, and mostly no other has.
        var seen = 0UL;
        for (var i = 0; i < attributes.Length; i++)
        {
            var key = attributes[i].Key;
            var mark = 1UL << (((key.Length * 7) + (key.Length > 0 ? key[^1] : 0)) & 63);
            if ((seen & mark) != 0 && IsAmong(attributes[..i], key))
                return true;
            seen |= mark;
        }

        return false;
    }

    private static bool IsAmong(ReadOnlySpan<SpanAttribute> attributes, string key)
    {
        foreach (ref readonly var attribute in attributes)
        {
            if (attribute.Key == key)
                return true;
        }

        return false;
    }

    private bool HasRepeatedKeyOfMany(ReadOnlySpan<SpanAttribute> attributes)
    {
        _used.Clear();
        foreach (var attribute in attributes)
        {
            // Keys that are cut may become equal.
            if (!_used.TryAdd(attribute.Key.Length > Cut.TextCharacters ? Cut.Of(attribute.Key).ToString() : attribute.Key, 1))
                return true;
        }

        return false;
    }

    private void RenamedBag(ReadOnlySpan<SpanAttribute> attributes)
    {
        // A bag inside of this one needs the table too.
        var names = new string[attributes.Length];
        _used.Clear();
        for (var i = 0; i < names.Length; i++)
        {
            var key = Cut.Of(attributes[i].Key).ToString();
            var name = key;
            while (!_used.TryAdd(name, 1))
                name = string.Create(CultureInfo.InvariantCulture, $"{key}#{++_used[key]}");
            names[i] = name;
        }

        for (var i = 0; i < names.Length && !IsOver; i++)
        {
            if (i > 0)
                json.Raw((byte)',');
            json.Text(names[i]);
            json.Raw((byte)':');
            Value(attributes[i].Value);
        }
    }
}

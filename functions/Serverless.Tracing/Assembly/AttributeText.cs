using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Reads an attribute as text.</summary>
internal static class AttributeText
{
    /// <summary>The first value of the key that is not empty, of a list its first element; else empty.</summary>
    public static string Find(IReadOnlyList<SpanAttribute> attributes, string key)
    {
        if (attributes is SpanAttribute[] array)
            return Find(array, key);
        for (var i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Key != key)
                continue;
            if (Of(attributes[i].Value) is { Length: > 0 } text)
                return text;
        }

        return "";
    }

    // Decoded spans have arrays, which are searched for many keys.
    private static string Find(SpanAttribute[] attributes, string key)
    {
        for (var i = 0; i < attributes.Length; i++)
        {
            if (attributes[i].Key == key && Of(attributes[i].Value) is { Length: > 0 } text)
                return text;
        }

        return "";
    }

    /// <summary>A value, of a list its first element.</summary>
    public static string Of(AttributeValue value)
    {
        if (value.Type == AttributeType.String)
            return value.Text;
        if (value.Type == AttributeType.Array)
            value = value.Items.Count > 0 ? value.Items[0] : default;
        return value.ToString();
    }
}

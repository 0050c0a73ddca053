using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Reads an attribute as text.</summary>
internal static class AttributeText
{
    /// <summary>The first value of the key that is not empty, of a list its first element; else empty.</summary>
    public static string Find(IReadOnlyList<SpanAttribute> attributes, string key)
    {
        for (var i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Key != key)
                continue;
            var value = attributes[i].Value;
            if (value.Type == AttributeType.Array)
                value = value.Items.Count > 0 ? value.Items[0] : default;
            if (value.ToString() is { Length: > 0 } text)
                return text;
        }

        return "";
    }
}

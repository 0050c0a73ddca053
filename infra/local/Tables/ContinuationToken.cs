using System.Text;
using Azure;
using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables;

/// <summary>
/// Where the next page starts, as clients carry it: the next PartitionKey and RowKey, each written as
/// <c>1!length!base64</c>, with a space between.
/// </summary>
internal static class ContinuationToken
{
    public static string Of(ReadOnlySpan<byte> key) =>
        $"{Encode(KeyCodec.DecodePart(KeyCodec.PartitionKeyOf(key)))} {Encode(KeyCodec.DecodePart(KeyCodec.RowKeyOf(key)))}";

    /// <summary>The encoded key; null for no token.</summary>
    /// <exception cref="RequestFailedException">400 InvalidInput: it is none of ours.</exception>
    public static byte[]? Parse(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return null;
        try
        {
            var parts = token.Split(' ');
            if (parts.Length == 2)
                return KeyCodec.Encode(Decode(parts[0]), Decode(parts[1]));
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw TableError.InvalidInput($"'{token}' is no continuation token.").ToException();
    }

    private static string Encode(string key)
    {
        var text = Convert.ToBase64String(Encoding.Unicode.GetBytes(key));
        return $"1!{text.Length}!{text}";
    }

    private static string Decode(string part)
    {
        var pieces = part.Split('!');
        return pieces is ["1", _, var text]
            ? Encoding.Unicode.GetString(Convert.FromBase64String(text))
            : throw new FormatException();
    }
}

using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// Reads Zipkin's annotationQuery, such as <c>http.method=GET and error</c> (QueryRequest.Builder.parseAnnotationQuery): pieces between
/// <c>" and "</c>, each a tag's key and value, or a bare key that stands for a tag or an annotation. There is no quoting.
/// </summary>
internal static class AnnotationQuery
{
    private const string Separator = " and ";
    private const int MostPieces = 100;

    /// <summary>The conditions, all of which must hold. Of one key the last tag counts; a bare key counts where there is no tag.</summary>
    public static IReadOnlyList<TagCondition> Parse(string text)
    {
        if (text.Length == 0)
            return [];
        var conditions = new Dictionary<string, TagCondition>(StringComparer.Ordinal);
        foreach (var piece in text.Split(Separator, MostPieces))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            var key = (equals < 0 ? piece : piece[..equals]).Trim();
            var value = equals < 0 ? "" : piece[(equals + 1)..].Trim();
            // Nothing has an empty name: a piece without a key, such as a trailing "and", asks for nothing.
            if (key.Length == 0)
                continue;
            var condition = value.Length == 0 ? TagCondition.Exists(key) : TagCondition.Equal(key, value);
            if (equals < 0)
                conditions.TryAdd(key, condition);
            else
                conditions[key] = condition;
        }

        return [.. conditions.Values];
    }
}

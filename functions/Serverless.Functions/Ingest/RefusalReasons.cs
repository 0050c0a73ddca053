namespace Serverless.Functions.Ingest;

/// <summary>The closed list of words for why spans were not accepted.</summary>
public static class RefusalReasons
{
    /// <summary>The body is not what its protocol says.</summary>
    public const string Malformed = "malformed";

    /// <summary>The body is of a type that the endpoint does not take.</summary>
    public const string UnsupportedType = "unsupported_type";

    /// <summary>The body is compressed in a way that is not known, or does not decompress.</summary>
    public const string Encoding = "encoding";

    /// <summary>The body, or a span, is too large.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The body did not arrive in time, or broke off.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>The system has no room for more.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>The hub did not take the spans.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>A single span was invalid in a request that was accepted otherwise.</summary>
    public const string InvalidSpan = "invalid_span";
}

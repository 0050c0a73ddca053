namespace Microsoft.Azure.Functions.Worker;

/// <summary>Makes a function answer HTTP requests.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute : Attribute
{
    /// <summary>Any method, with a function key.</summary>
    public HttpTriggerAttribute() => AuthLevel = EffectiveLevel = AuthorizationLevel.Function;

    /// <summary>
    /// These methods. <see cref="AuthLevel"/> stays <see cref="AuthorizationLevel.Anonymous"/>, yet the host asks for a
    /// function key: the level is then left out of what it is told, and that is its default. Name the level instead.
    /// </summary>
    public HttpTriggerAttribute(params string[] methods)
    {
        Methods = methods;
        EffectiveLevel = AuthorizationLevel.Function;
    }

    /// <summary>Any method, with the key of this level.</summary>
    public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = EffectiveLevel = authLevel;

    /// <summary>These methods, with the key of this level.</summary>
    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = EffectiveLevel = authLevel;
        Methods = methods;
    }

    /// <summary>The route below the prefix of host.json; the function's name where null.</summary>
    public string? Route { get; set; }

    /// <summary>The methods that are answered; null or empty for any.</summary>
    public string[]? Methods { get; }

    /// <summary>The key that is asked for.</summary>
    public AuthorizationLevel AuthLevel { get; }

    /// <summary>The level that the host applies.</summary>
    internal AuthorizationLevel EffectiveLevel { get; }
}

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Which key a caller of an HTTP function has to show.</summary>
public enum AuthorizationLevel
{
    /// <summary>None.</summary>
    Anonymous = 0,

    /// <summary>A signed-in user. The host does not offer it to functions.</summary>
    User = 1,

    /// <summary>The function's own key, a host key or the master key.</summary>
    Function = 2,

    /// <summary>A system key or the master key.</summary>
    System = 3,

    /// <summary>The master key.</summary>
    Admin = 4,
}

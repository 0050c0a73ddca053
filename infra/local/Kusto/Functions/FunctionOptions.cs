namespace Serverless.Local.Kusto;

/// <summary>How a function is called and its column named.</summary>
[Flags]
internal enum FunctionOptions
{
    None = 0,

    /// <summary>It is called for nulls too; others give null for a null argument.</summary>
    SeesNulls = 1,

    /// <summary>It gives another value each time.</summary>
    Volatile = 2,

    /// <summary>It looks at other rows, which must be in order.</summary>
    Window = 4,

    /// <summary>A column made by it has the name of its first argument.</summary>
    NamedByArgument = 8,

    /// <summary>A column made by it is named function_argument.</summary>
    NamedByBoth = 16,
}

namespace Serverless.Local.Kusto;

/// <summary>What went wrong with a query.</summary>
internal enum KustoErrorKind
{
    /// <summary>The text is no query.</summary>
    Syntax,

    /// <summary>It names what does not exist, or puts types together that do not fit.</summary>
    Semantic,

    /// <summary>It needs more rows, memory or time than it may have.</summary>
    Limit,

    /// <summary>It failed while it ran.</summary>
    Execution,
}

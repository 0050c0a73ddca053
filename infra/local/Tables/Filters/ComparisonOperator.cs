namespace Serverless.Local.Tables.Filters;

/// <summary>How a filter compares.</summary>
internal enum ComparisonOperator
{
    /// <summary>eq.</summary>
    Equal,

    /// <summary>ne.</summary>
    NotEqual,

    /// <summary>gt.</summary>
    Greater,

    /// <summary>ge.</summary>
    GreaterOrEqual,

    /// <summary>lt.</summary>
    Less,

    /// <summary>le.</summary>
    LessOrEqual,
}

/// <summary>What the operators mean.</summary>
internal static class ComparisonOperators
{
    public static ComparisonOperator? Parse(string word) => word switch
    {
        "eq" => ComparisonOperator.Equal,
        "ne" => ComparisonOperator.NotEqual,
        "gt" => ComparisonOperator.Greater,
        "ge" => ComparisonOperator.GreaterOrEqual,
        "lt" => ComparisonOperator.Less,
        "le" => ComparisonOperator.LessOrEqual,
        _ => null,
    };

    /// <summary>Whether it holds where comparing gave this sign.</summary>
    public static bool Holds(this ComparisonOperator comparison, int order) => comparison switch
    {
        ComparisonOperator.Equal => order == 0,
        ComparisonOperator.NotEqual => order != 0,
        ComparisonOperator.Greater => order > 0,
        ComparisonOperator.GreaterOrEqual => order >= 0,
        ComparisonOperator.Less => order < 0,
        _ => order <= 0,
    };
}

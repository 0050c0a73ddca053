namespace Serverless.Tracing.Search;

/// <summary>How a <see cref="TagComparison"/> compares.</summary>
public enum TagOperator
{
    /// <summary>Some value of the key equals the operand.</summary>
    Equal,

    /// <summary>The key has a value, and none that equals the operand.</summary>
    NotEqual,

    /// <summary>Some value of the key is less than the operand.</summary>
    Less,

    /// <summary>Some value of the key is the operand or less.</summary>
    LessOrEqual,

    /// <summary>Some value of the key is greater than the operand.</summary>
    Greater,

    /// <summary>Some value of the key is the operand or greater.</summary>
    GreaterOrEqual,

    /// <summary>The key has a value.</summary>
    Exists,

    /// <summary>The key has no value.</summary>
    NotExists,
}

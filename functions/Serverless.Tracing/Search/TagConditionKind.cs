namespace Serverless.Tracing.Search;

/// <summary>What a <see cref="TagCondition"/> asks.</summary>
public enum TagConditionKind
{
    /// <summary>The key has the value.</summary>
    Equal,

    /// <summary>The key is there with any value, or an event (annotation) has that name.</summary>
    Exists,

    /// <summary>The span failed: its status is an error, or it has an attribute <c>error</c> other than <c>false</c>.</summary>
    Error,

    /// <summary>The span did not fail; of a whole trace, no span did.</summary>
    NoError,

    /// <summary>The key's values compare with an operand by its type (<see cref="TagCondition.Comparison"/>).</summary>
    Compare,
}

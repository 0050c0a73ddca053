namespace Serverless.Local.Tables.Filters;

/// <summary>A condition on rows.</summary>
internal abstract class Filter
{
    public abstract bool Matches(in FilteredRow row);
}

/// <summary>A row as filters see it.</summary>
internal readonly ref struct FilteredRow(ReadOnlySpan<byte> key, long version, ReadOnlySpan<byte> value)
{
    public readonly ReadOnlySpan<byte> Key = key;
    public readonly ReadOnlySpan<byte> Value = value;

    public long Version { get; } = version;
}

/// <summary>Both must hold.</summary>
internal sealed class AndFilter(Filter left, Filter right) : Filter
{
    public Filter Left => left;

    public Filter Right => right;

    public override bool Matches(in FilteredRow row) => left.Matches(row) && right.Matches(row);
}

/// <summary>One must hold.</summary>
internal sealed class OrFilter(Filter left, Filter right) : Filter
{
    public override bool Matches(in FilteredRow row) => left.Matches(row) || right.Matches(row);
}

/// <summary>It must not hold. What does not match because its property is missing holds then.</summary>
internal sealed class NotFilter(Filter inner) : Filter
{
    public override bool Matches(in FilteredRow row) => !inner.Matches(row);
}

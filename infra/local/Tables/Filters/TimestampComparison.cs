namespace Serverless.Local.Tables.Filters;

/// <summary>Compares the time of a row's last write, which is its version.</summary>
internal sealed class TimestampComparison(ComparisonOperator comparison, DateTime time) : Filter
{
    public override bool Matches(in FilteredRow row) => comparison.Holds(row.Version.CompareTo(time.Ticks));
}

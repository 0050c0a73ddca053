namespace Serverless.Local.Tables.Filters;

/// <summary>A comparison that no row can pass: of a key or the Timestamp with a constant of another type.</summary>
internal sealed class NeverFilter : Filter
{
    public override bool Matches(in FilteredRow row) => false;
}

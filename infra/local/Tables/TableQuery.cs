using Azure;
using Serverless.Local.Tables.Filters;

namespace Serverless.Local.Tables;

/// <summary>A query, parsed and planned.</summary>
/// <param name="Filter">What rows must satisfy; null for all.</param>
/// <param name="Plan">Where they can be.</param>
/// <param name="Select">The names of the properties to return; null for all.</param>
internal sealed record TableQuery(Filter? Filter, QueryPlan Plan, HashSet<string>? Select)
{
    /// <exception cref="RequestFailedException">400 InvalidInput: the service refuses the filter.</exception>
    public static TableQuery Parse(string? filter, IEnumerable<string>? select)
    {
        try
        {
            var parsed = FilterParser.Parse(filter);
            return new TableQuery(parsed, QueryPlan.For(parsed), Names(select));
        }
        catch (FilterException e)
        {
            throw TableError.InvalidInput($"The filter cannot be used: {e.Message}").ToException(e);
        }
    }

    /// <summary>The selected names; null where none are named, which selects all.</summary>
    public static HashSet<string>? Names(IEnumerable<string>? select)
    {
        var names = select?.ToHashSet(StringComparer.Ordinal);
        return names is { Count: > 0 } ? names : null;
    }

    /// <summary>How many entities a page may have.</summary>
    /// <exception cref="RequestFailedException">400 InvalidInput: more was asked for than the service gives.</exception>
    public static int PageSize(int? asked) => asked switch
    {
        null => TableLimits.MaxPageEntities,
        >= 1 and <= TableLimits.MaxPageEntities => asked.Value,
        _ => throw TableError.InvalidInput($"A page has 1 to {TableLimits.MaxPageEntities} entities, not {asked}.").ToException(),
    };
}

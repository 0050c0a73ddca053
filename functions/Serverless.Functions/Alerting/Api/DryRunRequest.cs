namespace Serverless.Functions.Alerting.Api;

/// <summary>What a dry run is asked for.</summary>
/// <param name="Rule">The name of a rule that is there, or null.</param>
/// <param name="Yaml">The text of a rule's file, or null.</param>
/// <param name="From">The first evaluation; an hour before the last where it is left out.</param>
/// <param name="To">The last evaluation; now where it is left out.</param>
/// <param name="Step">The time between evaluations, such as 1m; the rule's own interval where it is left out.</param>
internal sealed record DryRunRequest(string? Rule, string? Yaml, DateTimeOffset? From, DateTimeOffset? To, string? Step);

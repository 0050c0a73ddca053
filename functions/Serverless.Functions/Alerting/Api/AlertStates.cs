using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;

namespace Serverless.Functions.Alerting.Api;

/// <summary>The rules with their states as they are stored.</summary>
internal sealed class AlertStates(AlertRules rules, AlertStore store)
{
    /// <summary>All rules, the built-in one last.</summary>
    /// <exception cref="Storage.StorageException">The states cannot be read.</exception>
    public async Task<IReadOnlyList<(AlertRule Rule, RuleState? State)>> ReadAsync(CancellationToken cancellation)
    {
        var states = await store.RulesAsync(cancellation);
        return [.. rules.Rules.Append(RuleHealth.Rule).Select(rule => (rule, states.GetValueOrDefault(rule.Name)))];
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Querying;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Alerting.Api;

/// <summary>The part of Prometheus' API that tells of rules and alerts, for Grafana and what else reads it.</summary>
/// <remarks>Source: prometheus.io/docs/prometheus/latest/querying/api, "Rules" and "Alerts".</remarks>
public sealed class PrometheusFunctions
{
    private const string BadData = "bad_data";
    private const string Unavailable = "unavailable";

    private readonly AlertStates _states;
    private readonly AlertSettings _settings;

    /// <summary>Takes the parts.</summary>
    public PrometheusFunctions(IServiceProvider services)
    {
        _states = services.GetRequiredService<AlertStates>();
        _settings = services.GetRequiredService<AlertSettings>();
    }

    /// <summary>The alerts that are pending or firing.</summary>
    [Function("alerts")]
    public Task<IResult> AlertsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v1/alerts")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AnswerAsync(async () => PrometheusAnswers.Alerts(await _states.ReadAsync(cancellation), _settings.RunbookBase));
    }

    /// <summary>The rules with their alerts; parameters type, rule_name[], rule_group[], file[], exclude_alerts.</summary>
    [Function("rules")]
    public Task<IResult> RulesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/v1/rules")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AnswerAsync(async () =>
        {
            var query = request.Query;
            var type = query["type"].ToString().ToLowerInvariant();
            if (type is not ("" or "alert" or "record"))
                return PrometheusAnswers.Error(StatusCodes.Status400BadRequest, BadData, $"invalid parameter \"type\": not supported value \"{type}\"");
            var excluded = query["exclude_alerts"].ToString();
            if (excluded.Length > 0 && !TryBool(excluded, out _))
                return PrometheusAnswers.Error(StatusCodes.Status400BadRequest, BadData, $"invalid parameter \"exclude_alerts\": error converting exclude_alerts: strconv.ParseBool: parsing \"{excluded}\": invalid syntax");
            string[] names = [.. query["rule_name[]"].OfType<string>()];
            string[] groups = [.. query["rule_group[]"].OfType<string>()];
            string[] files = [.. query["file[]"].OfType<string>()];
            var rules = (await _states.ReadAsync(cancellation)).Where(r => type != "record"
                && (names.Length == 0 || names.Contains(r.Rule.Name, StringComparer.Ordinal))
                && (groups.Length == 0 || groups.Contains(PrometheusAnswers.GroupOf(r.Rule), StringComparer.Ordinal))
                && (files.Length == 0 || files.Contains(r.Rule.File, StringComparer.Ordinal)));
            return PrometheusAnswers.Rules(rules, !(TryBool(excluded, out var excludes) && excludes), _settings.RunbookBase);
        });
    }

    // The words that Go takes.
    private static bool TryBool(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return value || text is "0" or "f" or "F" or "false" or "FALSE" or "False";
    }

    private static async Task<IResult> AnswerAsync(Func<Task<JsonAnswer>> answer)
    {
        try
        {
            return await answer();
        }
        catch (StorageException e)
        {
            return PrometheusAnswers.Error(StatusCodes.Status503ServiceUnavailable, Unavailable, $"The states of the alerts cannot be read now. {e.Message}");
        }
    }
}

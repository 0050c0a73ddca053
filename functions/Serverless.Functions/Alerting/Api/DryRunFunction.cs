using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Querying;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Api;

/// <summary>Shows what a rule would have done over a past time.</summary>
public sealed class DryRunFunction
{
    private const string TestFile = "rule.yaml";
    private const double MaxSeconds = 30;

    private static readonly TimeSpan DefaultTime = TimeSpan.FromHours(1);

    private readonly AlertRules _rules;
    private readonly DryRun _run;
    private readonly TimeProvider _clock;

    /// <summary>Takes the parts.</summary>
    public DryRunFunction(IServiceProvider services)
    {
        _rules = services.GetRequiredService<AlertRules>();
        _run = services.GetRequiredService<DryRun>();
        _clock = services.GetRequiredService<TimeProvider>();
    }

    /// <summary>Runs the rule that is named or given; the answer is its changes and each alert's timeline.</summary>
    [Function("alert-test")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/alerts/test")] HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AlertRequests.AnswerAsync(async () =>
        {
            var asked = await AlertRequests.BodyAsync<DryRunRequest>(request, cancellation);
            if (asked.Rule is null == asked.Yaml is null)
                throw new AlertRequestException("Either 'rule', the name of a rule, or 'yaml', the text of one, has to be given.");
            if (asked.Yaml is { } yaml && RuleFile.Read(TestFile, yaml) is { Rule: null } wrong)
                return AlertProblem.Of(StatusCodes.Status400BadRequest, $"The rule is wrong: {wrong.Errors[0]}", json => Write(json, wrong.Errors));
            var rule = asked.Yaml is { } text ? RuleFile.Read(TestFile, text).Rule! : _rules.Rules.FirstOrDefault(r => r.Name == asked.Rule);
            if (rule is null)
                return AlertProblem.Of(StatusCodes.Status404NotFound, $"There is no rule '{asked.Rule}'; /api/v1/rules lists those that there are.");
            return await RunAsync(rule, asked, cancellation);
        });
    }

    private async Task<IResult> RunAsync(AlertRule rule, DryRunRequest asked, CancellationToken cancellation)
    {
        var to = asked.To ?? _clock.GetUtcNow();
        var from = asked.From ?? to - DefaultTime;
        var step = rule.Interval;
        if (asked.Step is { } text && (!AlertDuration.TryParse(text, out step) || step < TimeSpan.FromSeconds(1)))
            throw new AlertRequestException($"'step' must be a duration of at least 1s, such as 30s, not '{text}'.");
        if (from >= to)
            throw new AlertRequestException("'from' must be before 'to'.");
        if ((to - from) / step > DryRun.MaxSteps)
            throw new AlertRequestException($"From {JsonBody.Time(from)} to {JsonBody.Time(to)} are more than {DryRun.MaxSteps} evaluations; take a longer 'step' or a shorter time.");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(MaxSeconds), _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            var outcome = await _run.RunAsync(rule, from, to, step, either.Token);
            return JsonAnswer.Of(json => Write(json, rule, outcome, from, to, step));
        }
        catch (MeasureException e)
        {
            return AlertProblem.Of(StatusCodes.Status422UnprocessableEntity, $"The rule cannot be evaluated: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new AlertRequestException($"The run took more than {MaxSeconds} s; take a longer 'step' or a shorter time.");
        }
    }

    private static void Write(Utf8JsonWriter json, AlertRule rule, DryRun.Outcome outcome, DateTimeOffset from, DateTimeOffset to, TimeSpan step)
    {
        json.WriteStartObject();
        json.WriteString("rule", rule.Name);
        json.WriteString("query", rule.Expression());
        json.WriteString("from", JsonBody.Time(from));
        json.WriteString("to", JsonBody.Time(to));
        json.WriteString("step", AlertDuration.ToText(step));
        json.WriteNumber("evaluations", outcome.Evaluations);
        json.WriteNumber("notifications", outcome.Told.Count);
        json.WriteStartArray("alerts");
        foreach (var alert in outcome.Changes.GroupBy(change => change.Labels))
        {
            json.WriteStartObject();
            JsonBody.Labels(json, "labels", alert.Key);
            json.WriteStartArray("timeline");
            foreach (var change in alert)
            {
                json.WriteStartObject();
                json.WriteString("at", JsonBody.Time(change.At));
                json.WriteString("state", AlertHistoryFunction.Word(change.To));
                json.WriteString("value", PrometheusAnswers.Number(change.Value));
                json.WriteString("summary", change.Annotations["summary"]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<RuleError> errors)
    {
        json.WriteStartArray("errors");
        foreach (var error in errors)
        {
            json.WriteStartObject();
            json.WriteNumber("line", error.Line);
            json.WriteNumber("column", error.Column);
            json.WriteString("key", error.Key);
            json.WriteString("problem", error.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

using System.Text.RegularExpressions;
using Serverless.Functions.Alerting.Measures;
using Serverless.Tracing.Alerting;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Serverless.Functions.Alerting.Rules;

/// <summary>Reads a rule's file: YAML with one rule. All that is wrong in it is told at once, each with line, column and key.</summary>
internal static partial class RuleFile
{
    /// <summary>The longest file that is read, in characters.</summary>
    public const int MaxCharacters = 64 * 1024;

    private const string Name = "name";
    private const string Source = "source";
    private const string Condition = "condition";
    private const string Labels = "labels";
    private const string Annotations = "annotations";
    private const string Runbook = "runbook";
    private const string Where = "where";
    private const string Not = "not";

    private static readonly string[] Severities = ["critical", "warning", "info"];
    private static readonly string[] Comparisons = ["ratio", "difference"];
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestOffset = TimeSpan.FromDays(35);

    /// <summary>Reads a file's text.</summary>
    /// <param name="file">Its name, for the errors.</param>
    /// <param name="text">Its text.</param>
    public static RuleFileResult Read(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var errors = new List<RuleError>();
        if (text.Length > MaxCharacters)
            return new RuleFileResult(file, null, [new RuleError(file, 1, 1, "", $"has {text.Length} characters; at most {MaxCharacters} are read.")]);
        var parser = new Parser(new StringReader(text));
        try
        {
            var yaml = new YamlStream();
            yaml.Load(parser);
            if (yaml.Documents.Count != 1)
                errors.Add(new RuleError(file, 1, 1, "", $"must have one document, not {yaml.Documents.Count}."));
            else if (yaml.Documents[0].RootNode is not YamlMappingNode root)
                errors.Add(new RuleError(file, 1, 1, "", "must be a mapping of keys to values."));
            else if (Rule(file, new RuleMapping(file, "", root, errors)) is { } rule && errors.Count == 0)
                return new RuleFileResult(file, rule, []);
        }
        catch (YamlException e)
        {
            var isTwice = e.Message.StartsWith("Duplicate key", StringComparison.Ordinal);
            errors.Add(new RuleError(file, e.Start.Line, e.Start.Column, "", isTwice ? "has a key a second time." : $"is no YAML: {e.InnerException?.Message ?? e.Message}"));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library's scanner gives up so on some texts that are no YAML.
            errors.Add(new RuleError(file, parser.Current?.End.Line ?? 1, parser.Current?.End.Column ?? 1, "", "is no YAML from here on."));
        }

        return new RuleFileResult(file, null, [.. errors.OrderBy(e => e.Line).ThenBy(e => e.Column)]);
    }

    private static AlertRule? Rule(string file, RuleMapping map)
    {
        var name = map.Text(Name, isRequired: true);
        if (name is not null && !NamePattern().IsMatch(name))
            map.Fail(Name, $"must be letters, digits, '-' and '_', at most 100, and begin with a letter; it is '{name}'.");
        var window = map.Duration("window", TimeSpan.FromMinutes(5), Minute, LongestWindow);
        if (window.Ticks % Minute.Ticks != 0)
            map.Fail("window", "must be whole minutes.");
        var source = map.Mapping(Source, isRequired: true) is { } sourceMap ? SourceOf(sourceMap) : null;
        var condition = map.Mapping(Condition, isRequired: true);
        var comparison = condition?.OneOf("op", AlertThreshold.Operators, isRequired: true);
        var threshold = condition?.Number("threshold", isRequired: true);
        var divisor = condition?.Mapping("divide_by") is { } divisorMap && source is not null ? DivisorOf(divisorMap, source) : null;
        var baseline = condition?.Mapping("against") is { } baselineMap && source is not null ? BaselineOf(baselineMap, source, window) : null;
        var minimum = condition?.Number("minimum");
        condition?.Close();
        var severity = map.OneOf("severity", Severities, isRequired: true);
        var timing = new AlertTiming(
            map.Duration("for", TimeSpan.Zero, TimeSpan.Zero, LongestWait), map.Duration("keep_firing_for", TimeSpan.Zero, TimeSpan.Zero, LongestWait));
        var interval = map.Duration("interval", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15), TimeSpan.FromHours(1));
        var delay = map.Duration("delay", TimeSpan.FromSeconds(30), TimeSpan.Zero, TimeSpan.FromHours(1));
        var labels = LabelsOf(map);
        var annotations = AnnotationsOf(map, source, labels);
        var runbook = map.Text(Runbook, isRequired: true) ?? "";
        map.Close();
        if (name is null || source is null || comparison is null || threshold is null || severity is null)
            return null;
        return new AlertRule
        {
            Name = name, File = file, Source = source, Divisor = divisor, Baseline = baseline, Minimum = minimum,
            Threshold = new AlertThreshold(AlertThreshold.Parse(comparison)!.Value, threshold.Value),
            Window = window, Delay = delay, Interval = interval, Timing = timing, Severity = severity,
            Labels = labels.With(AlertRule.NameLabel, name).With(AlertRule.SeverityLabel, severity),
            Annotations = annotations, Runbook = runbook,
        };
    }

    private static RuleMeasure? SourceOf(RuleMapping map)
    {
        string[] known = [MeasureCatalog.Ledger, MeasureCatalog.Red, RuleMeasure.Kql];
        var named = known.Where(map.Has).ToArray();
        RuleMeasure? measure = null;
        if (named.Length != 1)
            map.Fail("", $"must have one of {string.Join(", ", known)}.");
        else if (named[0] == RuleMeasure.Kql)
            measure = map.Text(RuleMeasure.Kql) is { } query ? new RuleMeasure(RuleMeasure.Kql, query) { Kind = MeasureKind.Last } : null;
        else if (map.Mapping(named[0]) is { } inner)
            measure = MeasureOf(inner, named[0], null);
        foreach (var key in map.Keys.Except(known, StringComparer.Ordinal).ToArray())
            map.Fail(key, $"is not known here; known are {string.Join(", ", known)}.");
        return measure;
    }

    private static RuleMeasure? MeasureOf(RuleMapping map, string source, IReadOnlyList<string>? inheritedBy, bool closes = true)
    {
        var name = map.Text("measure", isRequired: true);
        var definition = name is null ? null : MeasureCatalog.Find(source, name);
        if (name is not null && definition is null)
            map.Fail("measure", $"is no measure of {source}: '{name}'. Known are {string.Join(", ", MeasureCatalog.Of(source).Select(m => m.Name))}.");
        var by = map.Texts("by");
        var quantile = map.Number("quantile", isRequired: definition?.Kind == MeasureKind.Quantile);
        if (quantile is { } number && (number <= 0 || number >= 1))
            map.Fail("quantile", "must be between 0 and 1.");
        if (quantile is not null && definition is { Kind: not MeasureKind.Quantile })
            map.Fail("quantile", $"is only for distributions; {name} is none.");
        var filters = map.Mapping(Where) is { } whereMap ? FiltersOf(whereMap, definition) : [];
        foreach (var label in by)
        {
            if (definition is not null && !definition.Labels.Contains(label, StringComparer.Ordinal))
                map.Fail("by", $"{name} is not known by '{label}'; it is by {Known(definition)}.");
        }

        if (closes)
            map.Close();
        return definition is null ? null : new RuleMeasure(source, definition.Name)
        {
            Kind = definition.Kind, Where = filters, Quantile = quantile ?? 0,
            By = by.Count > 0 || inheritedBy is null ? by : [.. inheritedBy.Where(label => definition.Labels.Contains(label, StringComparer.Ordinal))],
        };
    }

    private static List<MeasureFilter> FiltersOf(RuleMapping map, MeasureDefinition? definition)
    {
        var filters = new List<MeasureFilter>();
        foreach (var label in map.Keys.ToArray())
        {
            if (definition is not null && !definition.Labels.Contains(label, StringComparer.Ordinal))
                map.Fail(label, $"is no label of {definition.Name}; it has {Known(definition)}.");
            if (!map.IsMapping(label))
            {
                filters.Add(new MeasureFilter(label, map.Texts(label), IsExcluded: false));
                continue;
            }

            var negation = map.Mapping(label)!;
            filters.Add(new MeasureFilter(label, negation.Texts(Not), IsExcluded: true));
            negation.Close();
        }

        return filters;
    }

    private static RuleDivisor? DivisorOf(RuleMapping map, RuleMeasure source)
    {
        var measure = source.IsQuery ? null : MeasureOf(map, source.Source, source.By, closes: false);
        if (source.IsQuery)
            map.Fail("", "is not for queries: a query divides by itself.");
        if (measure is not null && measure.By.Except(source.By).FirstOrDefault() is { } other)
            map.Fail("by", $"has '{other}', which the source is not told apart by.");
        var least = map.Number("at_least") ?? 0;
        map.Close();
        return measure is null ? null : new RuleDivisor(measure, least);
    }

    private static RuleBaseline? BaselineOf(RuleMapping map, RuleMeasure source, TimeSpan window)
    {
        var offset = map.Duration("offset", TimeSpan.Zero, Minute, LongestOffset, isRequired: true);
        var baseWindow = map.Duration("window", window, Minute, LongestOffset);
        var least = map.Number("at_least") ?? 0;
        var comparison = map.OneOf("as", Comparisons);
        if (source.IsQuery)
            map.Fail("", "is not for queries: a query compares by itself.");
        if (offset.Ticks % Minute.Ticks != 0 || baseWindow.Ticks % Minute.Ticks != 0)
            map.Fail("offset", "and window must be whole minutes.");
        map.Close();
        return new RuleBaseline(offset, baseWindow, least, comparison == Comparisons[1]);
    }

    private static LabelSet LabelsOf(RuleMapping map)
    {
        if (map.Mapping(Labels) is not { } labels)
            return LabelSet.Empty;
        var values = new List<KeyValuePair<string, string>>();
        foreach (var label in labels.Keys.ToArray())
        {
            if (!LabelPattern().IsMatch(label))
                labels.Fail(label, "is no name of a label: letters, digits and '_'.");
            else if (label is AlertRule.NameLabel or AlertRule.SeverityLabel)
                labels.Fail(label, "is made from 'name' and 'severity'.");
            if (labels.Text(label) is { } value)
                values.Add(KeyValuePair.Create(label, value));
        }

        return LabelSet.Of(values);
    }

    private static List<KeyValuePair<string, AlertMessage>> AnnotationsOf(RuleMapping map, RuleMeasure? source, LabelSet labels)
    {
        var annotations = new List<KeyValuePair<string, AlertMessage>>();
        if (map.Mapping(Annotations, isRequired: true) is not { } texts)
            return annotations;
        if (!texts.Has("summary"))
            texts.Fail("summary", "is missing.");
        foreach (var key in texts.Keys.ToArray())
        {
            if (texts.Text(key) is not { } text)
                continue;
            try
            {
                var message = AlertMessage.Parse(text);
                string[] own = [AlertRule.NameLabel, AlertRule.SeverityLabel, .. labels.Values.Keys, .. source?.By ?? []];
                if (source is { IsQuery: false } && message.Labels.Except(own, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
                    texts.Fail(key, $"names the label '{unknown}', which the alert does not have; it has {string.Join(", ", own)}.");
                annotations.Add(KeyValuePair.Create(key, message));
            }
            catch (FormatException e)
            {
                texts.Fail(key, $"has a place that cannot be filled: {e.Message}");
            }
        }

        return annotations;
    }

    private static string Known(MeasureDefinition definition) => definition.Labels.Count == 0 ? "no labels" : string.Join(", ", definition.Labels);

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,99}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,99}$", RegexOptions.CultureInvariant)]
    private static partial Regex LabelPattern();
}

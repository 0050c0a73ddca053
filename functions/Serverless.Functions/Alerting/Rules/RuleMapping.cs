using System.Globalization;
using Serverless.Tracing.Alerting;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Serverless.Functions.Alerting.Rules;

/// <summary>
/// A mapping of a rule's file that is read key by key. What is wrong is noted with its place, and the reading goes on, so that
/// all of it is told at once; <see cref="Close"/> notes the keys that nobody asked for.
/// </summary>
internal sealed class RuleMapping
{
    private readonly string _file;
    private readonly string _path;
    private readonly YamlMappingNode _node;
    private readonly List<RuleError> _errors;
    private readonly Dictionary<string, KeyValuePair<YamlNode, YamlNode>> _children = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public RuleMapping(string file, string path, YamlMappingNode node, List<RuleError> errors)
    {
        _file = file;
        _path = path;
        _node = node;
        _errors = errors;
        foreach (var child in node.Children)
        {
            if (child.Key is YamlScalarNode { Value: { } name })
                _children[name] = child;
            else
                Note(child.Key.Start, "", "has a key that is no text.");
        }
    }

    /// <summary>The keys that are there.</summary>
    public IEnumerable<string> Keys => _children.Keys;

    public bool Has(string key) => _children.ContainsKey(key);

    /// <summary>Whether a key has a mapping below it.</summary>
    public bool IsMapping(string key) => _children.TryGetValue(key, out var child) && child.Value is YamlMappingNode;

    /// <summary>Notes that something is wrong with a key.</summary>
    public void Fail(string key, string problem) =>
        Note(_children.TryGetValue(key, out var child) ? child.Value.Start : _node.Start, key, problem);

    /// <summary>A text; null where it is missing or none.</summary>
    public string? Text(string key, bool isRequired = false)
    {
        switch (Find(key, isRequired))
        {
            case null:
                return null;
            case YamlScalarNode { Value: { Length: > 0 } text }:
                return text;
            case YamlScalarNode:
                Fail(key, "must not be empty.");
                return null;
            default:
                Fail(key, "must be a text.");
                return null;
        }
    }

    /// <summary>A number; null where it is missing or none.</summary>
    public double? Number(string key, bool isRequired = false)
    {
        if (Text(key, isRequired) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return number;
        Fail(key, $"must be a number, not '{text}'.");
        return null;
    }

    /// <summary>A duration within bounds, or what is taken where it is missing.</summary>
    public TimeSpan Duration(string key, TimeSpan missing, TimeSpan least, TimeSpan most, bool isRequired = false)
    {
        if (Text(key, isRequired) is not { } text)
            return missing;
        if (!AlertDuration.TryParse(text, out var duration))
            Fail(key, $"must be a duration such as 30s, 5m, 1h30m or 7d, not '{text}'.");
        else if (duration < least || duration > most)
            Fail(key, $"must be from {AlertDuration.ToText(least)} to {AlertDuration.ToText(most)}, not {text}.");
        else
            return duration;
        return missing;
    }

    /// <summary>One of several words; null where it is missing or another.</summary>
    public string? OneOf(string key, IReadOnlyList<string> words, bool isRequired = false)
    {
        if (Text(key, isRequired) is not { } text)
            return null;
        if (words.Contains(text, StringComparer.Ordinal))
            return text;
        Fail(key, $"must be one of {string.Join(", ", words)}, not '{text}'.");
        return null;
    }

    /// <summary>A text or a list of texts; empty where it is missing.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        switch (Find(key, isRequired: false))
        {
            case null:
                return [];
            case YamlScalarNode { Value: { Length: > 0 } text }:
                return [text];
            case YamlSequenceNode list when list.Children.Count > 0 && list.All(item => item is YamlScalarNode { Value.Length: > 0 }):
                return [.. list.Select(item => ((YamlScalarNode)item).Value!)];
            default:
                Fail(key, "must be a text or a list of texts.");
                return [];
        }
    }

    /// <summary>A mapping below this one; null where it is missing or none.</summary>
    public RuleMapping? Mapping(string key, bool isRequired = false)
    {
        switch (Find(key, isRequired))
        {
            case null:
                return null;
            case YamlMappingNode mapping:
                return new RuleMapping(_file, Path(key), mapping, _errors);
            default:
                Fail(key, "must be a mapping of keys to values.");
                return null;
        }
    }

    /// <summary>Notes the keys that nobody asked for.</summary>
    public void Close()
    {
        foreach (var (name, child) in _children)
        {
            if (!_asked.Contains(name))
                Note(child.Key.Start, name, $"is not known here; known are {string.Join(", ", _asked)}.");
        }
    }

    private YamlNode? Find(string key, bool isRequired)
    {
        _asked.Add(key);
        if (_children.TryGetValue(key, out var child))
            return child.Value;
        if (isRequired)
            Note(_node.Start, key, "is missing.");
        return null;
    }

    private string Path(string key) => _path.Length == 0 ? key : key.Length == 0 ? _path : $"{_path}.{key}";

    private void Note(Mark place, string key, string problem) => _errors.Add(new RuleError(_file, place.Line, place.Column, Path(key), problem));
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Serverless.Tracing.Search;

namespace Serverless.Tracing.Alerting;

/// <summary>
/// Labels with their values, sorted by name; equal where all of them are. A label with an empty value is the same as none,
/// as in Prometheus.
/// </summary>
[JsonConverter(typeof(LabelSetJson))]
public sealed class LabelSet : IEquatable<LabelSet>
{
    /// <summary>No labels.</summary>
    public static readonly LabelSet Empty = new(ImmutableSortedDictionary<string, string>.Empty);

    private readonly ImmutableSortedDictionary<string, string> _values;

    private LabelSet(ImmutableSortedDictionary<string, string> values) => _values = values;

    /// <summary>The labels in the order of their names.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>The value of a label; empty where it has none.</summary>
    public string this[string name] => _values.GetValueOrDefault(name, "");

    /// <summary>Labels of pairs; the last of a name wins.</summary>
    public static LabelSet Of(params IEnumerable<KeyValuePair<string, string>> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in labels)
        {
            if (value.Length == 0)
                values.Remove(name);
            else
                values[name] = value;
        }

        return values.Count == 0 ? Empty : new LabelSet(values.ToImmutable());
    }

    /// <summary>One label.</summary>
    public static LabelSet Of(string name, string value) => Of([KeyValuePair.Create(name, value)]);

    /// <summary>These labels, and others that win over them.</summary>
    public LabelSet With(LabelSet others)
    {
        ArgumentNullException.ThrowIfNull(others);
        return others._values.Count == 0 ? this : Of(_values.Concat(others._values));
    }

    /// <summary>These labels and one more.</summary>
    public LabelSet With(string name, string value) => Of(_values.Append(KeyValuePair.Create(name, value)));

    /// <summary>Those of the labels that are named.</summary>
    public LabelSet Only(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return Of(names.Where(_values.ContainsKey).Select(name => KeyValuePair.Create(name, _values[name])));
    }

    /// <summary>What identifies the labels in keys and messages: 64 bits of hash, 16 hex digits, the same on every machine.</summary>
    public string Fingerprint()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in _values)
            text.Append(name).Append('\u0001').Append(value).Append('\u0002');
        return StableHash.Of(text.ToString()).ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public bool Equals(LabelSet? other) => other is not null && _values.Count == other._values.Count && _values.SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in _values)
        {
            hash.Add(name);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>As Prometheus writes it: <c>{a="1", b="2"}</c>.</summary>
    public override string ToString() => $"{{{string.Join(", ", _values.Select(label => $"{label.Key}=\"{label.Value}\""))}}}";
}

using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Azure.Data.Tables;

/// <summary>An entity as a dictionary of property names and values.</summary>
public sealed class TableEntity : ITableEntity, IDictionary<string, object>
{
    internal const string ETagName = "odata.etag";

    /// <summary>An entity without properties.</summary>
    public TableEntity()
        : this(null!)
    {
    }

    /// <summary>An entity with only its keys.</summary>
    public TableEntity(string partitionKey, string rowKey)
        : this(null!)
    {
        PartitionKey = partitionKey;
        RowKey = rowKey;
    }

    /// <summary>An entity with a copy of these properties, the keys among them.</summary>
    public TableEntity(IDictionary<string, object> values) =>
        Properties = values is null ? [] : new Dictionary<string, object>(values);

    /// <inheritdoc/>
    public string PartitionKey
    {
        get => GetString(nameof(PartitionKey))!;
        set => Properties[nameof(PartitionKey)] = value;
    }

    /// <inheritdoc/>
    public string RowKey
    {
        get => GetString(nameof(RowKey))!;
        set => Properties[nameof(RowKey)] = value;
    }

    /// <inheritdoc/>
    public DateTimeOffset? Timestamp
    {
        get => GetDateTimeOffset(nameof(Timestamp));
        set => Properties[nameof(Timestamp)] = value!;
    }

    /// <inheritdoc/>
    public ETag ETag
    {
        get => new(GetString(ETagName)!);
        set => Properties[ETagName] = value.ToString();
    }

    /// <inheritdoc/>
    public int Count => Properties.Count;

    /// <inheritdoc/>
    public ICollection<string> Keys => Properties.Keys;

    /// <inheritdoc/>
    ICollection<object> IDictionary<string, object>.Values => Properties.Values;

    /// <inheritdoc/>
    bool ICollection<KeyValuePair<string, object>>.IsReadOnly => false;

    internal Dictionary<string, object> Properties { get; }

    /// <summary>A property's value; null where it is missing. A value set over another must be of its type or a wider number's.</summary>
    public object this[string key]
    {
        get => Properties.GetValueOrDefault(Named(key))!;
        set => Set(key, value);
    }

    /// <summary>A String property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public string? GetString(string key) => (string?)Get(key, typeof(string));

    /// <summary>A Binary property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public byte[]? GetBinary(string key) => (byte[]?)Get(key, typeof(byte[]));

    /// <summary>A Binary property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public BinaryData? GetBinaryData(string key) =>
        Properties.GetValueOrDefault(Named(key)) is byte[] bytes ? new BinaryData(bytes) : (BinaryData?)Get(key, typeof(BinaryData));

    /// <summary>A Boolean property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public bool? GetBoolean(string key) => (bool?)Get(key, typeof(bool));

    /// <summary>A DateTime property in UTC; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public DateTime? GetDateTime(string key) =>
        Properties.GetValueOrDefault(Named(key)) is DateTimeOffset time ? time.UtcDateTime : (DateTime?)Get(key, typeof(DateTime));

    /// <summary>A DateTime property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public DateTimeOffset? GetDateTimeOffset(string key) =>
        Properties.GetValueOrDefault(Named(key)) is DateTime time ? new DateTimeOffset(time) : (DateTimeOffset?)Get(key, typeof(DateTimeOffset));

    /// <summary>A Double property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public double? GetDouble(string key) => (double?)Get(key, typeof(double));

    /// <summary>A Guid property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public Guid? GetGuid(string key) => (Guid?)Get(key, typeof(Guid));

    /// <summary>An Int32 property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public int? GetInt32(string key) => (int?)Get(key, typeof(int));

    /// <summary>An Int64 property; null where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public long? GetInt64(string key) => (long?)Get(key, typeof(long));

    /// <inheritdoc/>
    public void Add(string key, object value) => Set(key, value);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => Properties.ContainsKey(key);

    /// <inheritdoc/>
    public bool Remove(string key) => Properties.Remove(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value) => Properties.TryGetValue(key, out value);

    /// <inheritdoc/>
    public void Clear() => Properties.Clear();

    /// <inheritdoc/>
    void ICollection<KeyValuePair<string, object>>.Add(KeyValuePair<string, object> item) => Set(item.Key, item.Value);

    /// <inheritdoc/>
    bool ICollection<KeyValuePair<string, object>>.Contains(KeyValuePair<string, object> item) => Properties.Contains(item);

    /// <inheritdoc/>
    void ICollection<KeyValuePair<string, object>>.CopyTo(KeyValuePair<string, object>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, object>>)Properties).CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    bool ICollection<KeyValuePair<string, object>>.Remove(KeyValuePair<string, object> item) =>
        ((ICollection<KeyValuePair<string, object>>)Properties).Remove(item);

    /// <inheritdoc/>
    IEnumerator<KeyValuePair<string, object>> IEnumerable<KeyValuePair<string, object>>.GetEnumerator() => Properties.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => Properties.GetEnumerator();

    private object? Get(string key, Type type)
    {
        var value = Properties.GetValueOrDefault(Named(key));
        return value is null || type.IsInstanceOfType(value)
            ? value
            : throw new InvalidOperationException($"Cannot return {type} type for a {value.GetType()} typed property.");
    }

    // As the package does: a property keeps its type, but for an int that may become wider, and a wider number that takes an int.
    private void Set(string key, object? value)
    {
        if (value is not null && Properties.GetValueOrDefault(Named(key)) is { } before && !before.GetType().IsInstanceOfType(value))
        {
            value = (before, value) switch
            {
                (int, double or long) => value,
                (double, int number) => (double)number,
                (long, int number) => (long)number,
                _ => throw new InvalidOperationException(
                    $"Value ({before.GetType()}) {before} is not convertable to ({value.GetType()}) {value}."),
            };
        }

        Properties[key] = value!;
    }

    private static string Named(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return key;
    }
}

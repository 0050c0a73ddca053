using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Serialization;
using Azure.Data.Tables;

namespace Serverless.Local.Tables;

/// <summary>The properties of a class that stands for an entity, by the names under which they are stored.</summary>
internal sealed class EntityShape
{
    private static readonly ConcurrentDictionary<Type, EntityShape> Shapes = new();

    private readonly Dictionary<string, Property> _byName;

    private EntityShape(Type type)
    {
        Properties = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0
                && property.GetMethod is { IsPublic: true } && property.SetMethod is { IsPublic: true }
                && !property.IsDefined(typeof(IgnoreDataMemberAttribute))
                && property.Name is not (nameof(ITableEntity.PartitionKey) or nameof(ITableEntity.RowKey)
                    or nameof(ITableEntity.Timestamp) or nameof(ITableEntity.ETag)))
            .Select(property => new Property(property))];
        _byName = Properties.ToDictionary(property => property.Name);
    }

    /// <summary>Those that are neither the keys nor kept by the service.</summary>
    public IReadOnlyList<Property> Properties { get; }

    public static EntityShape Of(Type type) => Shapes.GetOrAdd(type, static type => new EntityShape(type));

    public Property? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A property of the class.</summary>
    internal sealed class Property(PropertyInfo info)
    {
        private readonly Type _type = Nullable.GetUnderlyingType(info.PropertyType) ?? info.PropertyType;

        public string Name { get; } = info.GetCustomAttribute<DataMemberAttribute>()?.Name ?? info.Name;

        public object? GetValue(object entity) => info.GetValue(entity);

        /// <exception cref="InvalidOperationException">The stored value is of a type that does not fit.</exception>
        public void SetValue(object entity, object stored) => info.SetValue(entity, Convert(stored));

        private object Convert(object stored) => stored switch
        {
            _ when _type.IsInstanceOfType(stored) => stored,
            DateTimeOffset time when _type == typeof(DateTime) => time.UtcDateTime,
            byte[] bytes when _type == typeof(BinaryData) => new BinaryData(bytes),
            int number when _type == typeof(long) => (long)number,
            int number when _type == typeof(double) => (double)number,
            string text when _type.IsEnum => Enum.Parse(_type, text),
            _ => throw new InvalidOperationException(
                $"The stored property '{Name}' is a {stored.GetType()}, which {info.DeclaringType}.{info.Name} cannot hold."),
        };
    }
}

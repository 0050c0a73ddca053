using System.Text;

namespace Serverless.Local.Tables.Filters;

/// <summary>
/// Compares a property with a constant. A missing property never matches, nor does one of another type; numbers compare
/// with numbers of any kind.
/// </summary>
internal sealed class PropertyComparison(string name, ComparisonOperator comparison, object constant) : Filter
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    public override bool Matches(in FilteredRow row)
    {
        var property = new EntityReader(row.Value);
        return property.MoveTo(_name) && Compare(property, constant) is { } order && comparison.Holds(order);
    }

    // The sign of the comparison; null where the two do not compare.
    private static int? Compare(EntityReader property, object constant) => (property.Type, constant) switch
    {
        (PropertyType.String or PropertyType.RawString, string text) => string.CompareOrdinal(property.String(), text),
        (PropertyType.Binary, byte[] bytes) => property.Value.SequenceCompareTo(bytes),
        (PropertyType.False, bool flag) => false.CompareTo(flag),
        (PropertyType.True, bool flag) => true.CompareTo(flag),
        (PropertyType.DateTime, DateTime time) => property.DateTime().CompareTo(time),
        (PropertyType.Guid, Guid id) => property.Guid().CompareTo(id),
        (PropertyType.Int32, int or long) => ((long)property.Int32()).CompareTo(Convert.ToInt64(constant, null)),
        (PropertyType.Int64, int or long) => property.Int64().CompareTo(Convert.ToInt64(constant, null)),
        (PropertyType.Int32, double real) => Compare(property.Int32(), real),
        (PropertyType.Int64, double real) => Compare(property.Int64(), real),
        (PropertyType.Double, int or long or double) => Compare(property.Double(), Convert.ToDouble(constant, null)),
        _ => null,
    };

    private static int? Compare(double left, double right) =>
        double.IsNaN(left) || double.IsNaN(right) ? null : left.CompareTo(right);
}

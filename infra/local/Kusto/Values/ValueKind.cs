namespace Serverless.Local.Kusto;

/// <summary>What a <see cref="Value"/> holds. A dynamic value has the kind of what is in it.</summary>
internal enum ValueKind : byte
{
    Null,
    Bool,
    Int,
    Long,
    Real,
    Decimal,
    String,
    DateTime,
    TimeSpan,
    Guid,
    Array,
    Bag,
}

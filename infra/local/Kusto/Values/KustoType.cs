namespace Serverless.Local.Kusto;

/// <summary>The scalar types of the query language.</summary>
internal enum KustoType : byte
{
    Bool,
    Int,
    Long,
    Real,
    Decimal,
    String,
    DateTime,
    TimeSpan,
    Guid,
    Dynamic,
}

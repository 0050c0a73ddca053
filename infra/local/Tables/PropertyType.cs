namespace Serverless.Local.Tables;

/// <summary>How a property's value is stored. The numbers are on disk.</summary>
internal enum PropertyType : byte
{
    /// <summary>A String as length and UTF-8.</summary>
    String = 1,

    /// <summary>A String that is not well-formed UTF-16, as length in bytes and UTF-16.</summary>
    RawString = 2,

    /// <summary>Length and bytes.</summary>
    Binary = 3,

    /// <summary>Four bytes.</summary>
    Int32 = 4,

    /// <summary>Eight bytes.</summary>
    Int64 = 5,

    /// <summary>Eight bytes, IEEE 754.</summary>
    Double = 6,

    /// <summary>A Boolean without a further byte.</summary>
    False = 7,

    /// <summary>A Boolean without a further byte.</summary>
    True = 8,

    /// <summary>Ticks in UTC, eight bytes.</summary>
    DateTime = 9,

    /// <summary>Sixteen bytes.</summary>
    Guid = 10,
}

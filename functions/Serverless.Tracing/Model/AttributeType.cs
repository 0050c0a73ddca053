namespace Serverless.Tracing.Model;

/// <summary>The types of an attribute's value, as OpenTelemetry has them. The numbers are stored.</summary>
public enum AttributeType : byte
{
    /// <summary>A value that is set to nothing.</summary>
    Empty = 0,

    /// <summary>UTF-8 text.</summary>
    String = 1,

    /// <summary>A boolean that is false.</summary>
    False = 2,

    /// <summary>A boolean that is true.</summary>
    True = 3,

    /// <summary>A signed 64-bit integer.</summary>
    Int64 = 4,

    /// <summary>An IEEE 754 double, NaN and the infinities included.</summary>
    Double = 5,

    /// <summary>Bytes.</summary>
    Bytes = 6,

    /// <summary>A list of values of any type.</summary>
    Array = 7,

    /// <summary>A list of keys with values of any type.</summary>
    Map = 8,
}

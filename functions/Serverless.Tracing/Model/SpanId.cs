using System.Globalization;

namespace Serverless.Tracing.Model;

/// <summary>A span id: 64 bits, zero for none.</summary>
/// <param name="Value">The bits.</param>
public readonly record struct SpanId(ulong Value)
{
    /// <summary>True where there is no span, as for the parent of a root.</summary>
    public bool IsZero => Value == 0;

    /// <summary>A hash with a secret of the process, of all bits: senders choose ids, and could choose such as collide.</summary>
    public override int GetHashCode() => HashCode.Combine((uint)Value, (uint)(Value >> 32));

    /// <summary>16 lower-case hex digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}

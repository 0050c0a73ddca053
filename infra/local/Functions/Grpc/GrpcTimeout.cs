using System.Globalization;

namespace Serverless.Local;

/// <summary>The header <c>grpc-timeout</c>: at most eight digits and a unit, how long the client waits for the answer.</summary>
/// <remarks>https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Timeout.</remarks>
internal static class GrpcTimeout
{
    private const int MaxDigits = 8;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Reads it; null where there is none.</summary>
    /// <exception cref="GrpcException">It is malformed.</exception>
    public static TimeSpan? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var digits = text.AsSpan(0, text.Length - 1);
        var unit = text[^1] switch
        {
            'H' => TimeSpan.FromHours(1),
            'M' => TimeSpan.FromMinutes(1),
            'S' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMilliseconds(1),
            'u' => TimeSpan.FromMicroseconds(1),
            'n' => TimeSpan.FromTicks(1),
            _ => TimeSpan.Zero,
        };
        if (unit == TimeSpan.Zero || digits.Length > MaxDigits || !uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"grpc-timeout '{text}' is malformed; it is 1 to 8 digits and one of H, M, S, m, u, n.");

        // A tick is 100 ns; what is shorter than one is rounded up.
        var timeout = text[^1] == 'n' ? TimeSpan.FromTicks((count + 99) / 100) : count > Longest / unit ? Longest : unit * count;
        return timeout < Longest ? timeout : Longest;
    }
}

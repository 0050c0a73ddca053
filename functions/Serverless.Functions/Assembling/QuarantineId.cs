using System.Globalization;

namespace Serverless.Functions.Assembling;

/// <summary>The id of an event in quarantine: the day of its table, its partition and its place there.</summary>
internal readonly record struct QuarantineId(DateOnly Day, string Partition, long Sequence)
{
    private const string DayFormat = "yyyyMMdd";
    private const int SequenceDigits = 16;

    public static bool TryParse(string text, out QuarantineId id)
    {
        id = default;
        var first = text.IndexOf('-', StringComparison.Ordinal);
        var last = text.LastIndexOf('-');
        if (first != DayFormat.Length || last <= first + 1 || text.Length - last - 1 != SequenceDigits
            || !DateOnly.TryParseExact(text.AsSpan(0, first), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            || !long.TryParse(text.AsSpan(last + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sequence))
            return false;
        id = new QuarantineId(day, text[(first + 1)..last], sequence);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Day:yyyyMMdd}-{Partition}-{Sequence:x16}");
}

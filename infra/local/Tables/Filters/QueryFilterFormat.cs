using System.Globalization;

namespace Serverless.Local.Tables.Filters;

/// <summary>Writes constants as filters read them, for interpolated filters.</summary>
internal static class QueryFilterFormat
{
    public static string Format(FormattableString filter)
    {
        var constants = new object[filter.ArgumentCount];
        for (var i = 0; i < constants.Length; i++)
            constants[i] = Constant(filter.GetArgument(i));
        return string.Format(CultureInfo.InvariantCulture, filter.Format, constants);
    }

    private static string Constant(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        byte or sbyte or short or ushort or int => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture) + "L",
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        double number => Real(number),
        DateTimeOffset time => $"datetime'{time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}'",
        DateTime time => $"datetime'{time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)}'",
        Guid id => $"guid'{id}'",
        byte[] bytes => $"X'{Convert.ToHexStringLower(bytes)}'",
        BinaryData data => $"X'{Convert.ToHexStringLower(data.ToMemory().Span)}'",
        string or char or System.Text.StringBuilder => $"'{value.ToString()!.Replace("'", "''", StringComparison.Ordinal)}'",
        _ => throw new ArgumentException($"Unable to convert value of type {value.GetType()} to a filter's constant."),
    };

    // With a decimal point, so that it does not read back as an integer.
    private static string Real(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }
}

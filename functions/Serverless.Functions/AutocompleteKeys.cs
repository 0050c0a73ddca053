namespace Serverless.Functions;

/// <summary>The attribute keys whose values Zipkin's page suggests: setting <c>Tracing:AutocompleteKeys</c>.</summary>
/// <param name="AreThoseSeen">Every key that spans had; their values are looked up in recent traces.</param>
/// <param name="Listed">Else these keys, in the order given; their values are noted as spans arrive.</param>
internal sealed record AutocompleteKeys(bool AreThoseSeen, IReadOnlyList<string> Listed)
{
    private const string Seen = "*";

    // Each is compared with every new attribute of a batch, and has a list of values of its own.
    private const int Most = 100;

    /// <summary>Reads the setting: <c>*</c>, or keys with commas between them, or nothing.</summary>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public static AutocompleteKeys Of(TracingSettings settings)
    {
        if (settings.AutocompleteKeys.Trim() == Seen)
            return new AutocompleteKeys(true, []);
        var keys = settings.AutocompleteKeys
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        return keys.Length <= Most
            ? new AutocompleteKeys(false, keys)
            : throw new InvalidOperationException($"Tracing:AutocompleteKeys has {keys.Length} keys, more than {Most}: leave some out.");
    }
}

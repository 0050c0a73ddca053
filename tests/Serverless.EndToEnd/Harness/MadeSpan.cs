namespace Serverless.EndToEnd.Harness;

/// <summary>What a made span says, and what the APIs have to say of it.</summary>
/// <param name="TraceId">16 or 32 hex digits.</param>
/// <param name="Id">16 hex digits.</param>
/// <param name="ParentId">16 hex digits, or null.</param>
/// <param name="IsShared">The server's half of a call whose client's half has the same id.</param>
/// <param name="Kind">CLIENT, SERVER or null.</param>
/// <param name="Name">The operation.</param>
/// <param name="Service">The service.</param>
/// <param name="StartMicroseconds">Since 1970.</param>
/// <param name="DurationMicroseconds">How long it took.</param>
/// <param name="Check">The tag <c>check</c>, which no other span has.</param>
/// <param name="Payload">The tag <c>payload</c>.</param>
internal sealed record MadeSpan(
    string TraceId, string Id, string? ParentId, bool IsShared, string? Kind, string Name, string Service,
    long StartMicroseconds, long DurationMicroseconds, string Check, string Payload)
{
    /// <summary>What a span is known by within its trace.</summary>
    public string Key => KeyOf(Id, IsShared);

    public static string KeyOf(string id, bool isShared) => isShared ? id + "+" : id;
}

using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>How far the clock of a host is off, seen from a host that calls it.</summary>
/// <param name="FromService">The calling service.</param>
/// <param name="FromHost">The host of the calling service, or empty.</param>
/// <param name="ToService">The service called.</param>
/// <param name="ToHost">The host whose clock is off, or empty.</param>
/// <param name="SpanId">The span of the called service by which it is off furthest.</param>
/// <param name="AmountNs">What has to be added to that host's times at that span, in nanoseconds.</param>
/// <param name="Calls">How many calls show it.</param>
/// <param name="IsApplied">The times were adjusted; false where that is off or the amount over the maximum.</param>
public sealed record HostSkew(
    string FromService, string FromHost, string ToService, string ToHost, SpanId SpanId, long AmountNs, int Calls, bool IsApplied);

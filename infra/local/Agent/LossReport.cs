using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>Logs the datagrams that were lost since it last did.</summary>
internal sealed class LossReport(AgentStatistics statistics, ILogger logger)
{
    private long _dropped;
    private long _refused;
    private long _lostInKernel;

    /// <summary>What the app said of the last datagram that it refused.</summary>
    public string LastRefusal { get; set; } = "";

    /// <summary>Logs a line if any were lost.</summary>
    /// <returns>Whether it did.</returns>
    public bool Log()
    {
        var (dropped, refused, lostInKernel) = (statistics.Dropped - _dropped, statistics.Refused - _refused, statistics.LostInKernel - _lostInKernel);
        if (dropped + refused + lostInKernel == 0)
            return false;
        logger.LogWarning(
            "Datagrams of Jaeger clients were lost: {LostInKernel} found the socket's buffer full (raise net.core.rmem_max), "
            + "{Dropped} found too many others waiting, {Refused} were refused{Reason}.",
            lostInKernel, dropped, refused, refused > 0 ? $", the last one with: {LastRefusal}" : "");
        (_dropped, _refused, _lostInKernel) = (_dropped + dropped, _refused + refused, _lostInKernel + lostInKernel);
        return true;
    }
}

using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Buffering;

/// <summary>What the host tells of the partition that a batch of events comes from.</summary>
internal static class TriggerPartition
{
    /// <summary>The partition's id.</summary>
    public static string IdOf(FunctionContext context)
    {
        using var partition = JsonDocument.Parse((string)context.BindingContext.BindingData["PartitionContext"]!);
        return partition.RootElement.GetProperty("PartitionId").GetString()!;
    }
}

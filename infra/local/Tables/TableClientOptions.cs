using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>Options of the clients. The local platform needs none.</summary>
public class TableClientOptions : ClientOptions
{
    /// <summary>The default options.</summary>
    public TableClientOptions(ServiceVersion serviceVersion = ServiceVersion.V2020_12_06)
    {
        if (!Enum.IsDefined(serviceVersion))
            throw new ArgumentOutOfRangeException(nameof(serviceVersion));
    }

    /// <summary>The versions of the service.</summary>
    public enum ServiceVersion
    {
        /// <summary>2019-02-02.</summary>
        V2019_02_02 = 1,

        /// <summary>2020-12-06.</summary>
        V2020_12_06 = 2,
    }
}

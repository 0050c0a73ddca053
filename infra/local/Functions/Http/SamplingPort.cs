using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Serverless.Local;

/// <summary>
/// The port of a Jaeger agent on which clients ask how to sample: whatever their path and method, they mean the app's
/// <c>GET /sampling</c>.
/// </summary>
internal static class SamplingPort
{
    /// <summary>The route that answers.</summary>
    public const string Route = "sampling";

    /// <summary>Leads the port's requests there; to be called before the routes are mapped.</summary>
    public static void Map(WebApplication web, RunnerAddresses addresses, string prefix)
    {
        PathString path = prefix.Length == 0 ? $"/{Route}" : $"/{prefix}/{Route}";
        web.Use(next => http =>
        {
            if (addresses.SamplingPort != 0 && http.Connection.LocalPort == addresses.SamplingPort)
            {
                http.Request.Method = HttpMethods.Get;
                http.Request.Path = path;
            }

            return next(http);
        });
    }
}

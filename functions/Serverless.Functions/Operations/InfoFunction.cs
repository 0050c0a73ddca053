using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Operations;

/// <summary>Says which build this is, where tools for Zipkin look for it.</summary>
public sealed class InfoFunction
{
    private static readonly string[] Version =
        (typeof(InfoFunction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+', 2);

    /// <summary>The version, and the commit where the build knew it.</summary>
    [Function("info")]
    public IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "info")] HttpRequest request) =>
        Results.Json(new { zipkin = new { version = Version[0], commit = Version.Length > 1 ? Version[1] : "" } });
}

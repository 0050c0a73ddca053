using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>Lays the routes of an app's HTTP functions, with the host's rules where they differ from ASP.NET Core's.</summary>
internal sealed class HttpRoutes
{
    private static readonly string[] ReservedPrefixes = ["admin", "runtime"];

    private readonly List<(FunctionEntry Function, RoutePattern Pattern, string Shape)> _routes = [];

    private HttpRoutes()
    {
    }

    /// <summary>Works the routes out and checks them.</summary>
    /// <exception cref="LocalPlatformException">Some are malformed, reserved or taken twice; the message says which.</exception>
    public static HttpRoutes Of(IEnumerable<FunctionEntry> functions, string prefix)
    {
        var routes = new HttpRoutes();
        var errors = new List<string>();
        foreach (var function in functions.Where(f => f.Trigger is HttpTriggerAttribute))
        {
            var route = (((HttpTriggerAttribute)function.Trigger).Route ?? function.Name).Trim('/');
            if (ReservedPrefixes.Any(p => route.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
            {
                errors.Add($"Function '{function.Name}': the route '{route}' is the host's own: routes must not begin with {string.Join(" or ", ReservedPrefixes)}.");
                continue;
            }

            try
            {
                var pattern = RoutePatternFactory.Parse(prefix.Length == 0 ? route : route.Length == 0 ? prefix : $"{prefix}/{route}");
                routes._routes.Add((function, pattern, ShapeOf(pattern)));
            }
            catch (RoutePatternException e)
            {
                errors.Add($"Function '{function.Name}': the route '{route}' is malformed: {e.Message}");
            }
        }

        errors.AddRange(routes.Conflicts());
        return errors.Count == 0 ? routes : throw FunctionCatalog.Refused(errors);
    }

    /// <summary>Makes an app answer the routes, and 404 for everything else.</summary>
    /// <exception cref="LocalPlatformException">A route names a constraint that does not exist.</exception>
    public void Map(WebApplication web, HttpLimits limits, FunctionKeys? keys)
    {
        var loggers = web.Services.GetRequiredService<ILoggerFactory>();
        var pipeline = web.Services.GetRequiredService<InvocationPipeline>();
        var policies = web.Services.GetRequiredService<ParameterPolicyFactory>();
        var endpoints = new List<Endpoint>(_routes.Count);
        foreach (var (function, pattern, _) in _routes)
        {
            CheckConstraints(function, pattern, policies);
            var answer = new HttpFunction(function, limits, keys, pipeline, loggers.CreateLogger($"Function.{function.Name}"));
            var endpoint = new RouteEndpointBuilder(answer.AnswerAsync, pattern, order: 0) { DisplayName = function.Name };
            endpoint.Metadata.Add(answer);
            if (MethodsOf(function) is { Length: > 0 } methods)
                endpoint.Metadata.Add(new HttpMethodMetadata(methods));
            endpoints.Add(endpoint.Build());
        }

        ((IEndpointRouteBuilder)web).DataSources.Add(new DefaultEndpointDataSource(endpoints));
        web.UseRouting();
        web.Run(Dispatch);
    }

    // ASP.NET Core answers 405 through an endpoint of its own where the route matches and the method does not; the host answers 404.
    private static Task Dispatch(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<HttpFunction>() is { } function && !IsReserved(http.Request.Path))
            return function.AnswerAsync(http);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static bool IsReserved(PathString path) => path.StartsWithSegments("/admin") || path.StartsWithSegments("/runtime");

    private static string[] MethodsOf(FunctionEntry function) =>
        ((HttpTriggerAttribute)function.Trigger).Methods is { } methods ? [.. methods.Select(m => m.ToUpperInvariant())] : [];

    private static void CheckConstraints(FunctionEntry function, RoutePattern pattern, ParameterPolicyFactory policies)
    {
        foreach (var parameter in pattern.Parameters)
        {
            foreach (var policy in parameter.ParameterPolicies)
            {
                try
                {
                    policies.Create(parameter, policy);
                }
                catch (Exception e) when (e is InvalidOperationException or RouteCreationException)
                {
                    throw FunctionCatalog.Refused([$"Function '{function.Name}': the route '{pattern.RawText}' has a constraint that cannot be used: {e.Message}"]);
                }
            }
        }
    }

    private IEnumerable<string> Conflicts()
    {
        for (var i = 0; i < _routes.Count; i++)
        {
            for (var j = i + 1; j < _routes.Count; j++)
            {
                var (first, second) = (_routes[i], _routes[j]);
                if (first.Shape != second.Shape)
                    continue;
                var (ours, theirs) = (MethodsOf(first.Function), MethodsOf(second.Function));
                var shared = ours.Length == 0 ? theirs : theirs.Length == 0 ? ours : [.. ours.Intersect(theirs)];
                if (ours.Length + theirs.Length == 0 || shared.Length > 0)
                    yield return $"Functions '{first.Function.Name}' and '{second.Function.Name}' both answer {(shared.Length == 0 ? "every method" : string.Join(", ", shared))} of '/{second.Pattern.RawText}'.";
            }
        }
    }

    // Two routes of one shape are the same to the router: letter case and the names of parameters make no difference.
    private static string ShapeOf(RoutePattern pattern)
    {
        var shape = new StringBuilder();
        foreach (var segment in pattern.PathSegments)
        {
            shape.Append('/');
            foreach (var part in segment.Parts)
            {
                shape.Append(part switch
                {
                    RoutePatternLiteralPart literal => literal.Content.ToLowerInvariant(),
                    RoutePatternParameterPart parameter =>
                        $"{{{(parameter.IsCatchAll ? "*" : "")}:{string.Join(':', parameter.ParameterPolicies.Select(p => p.Content))}}}",
                    _ => part.ToString(),
                });
            }
        }

        return shape.ToString();
    }
}

using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions;

namespace Serverless.Tests.Operations;

/// <summary>
/// The Azure Functions host tries routes in the alphabetical order of the functions' names and takes the first that matches
/// (github.com/Azure/azure-functions-host/issues/9876); ASP.NET Core, which answers here, takes the most specific. Names must make both the same.
/// </summary>
public sealed class RouteOrderTests
{
    private static readonly HttpFunction[] InOrder =
    [
        .. typeof(TracingServices).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FunctionAttribute>() is not null)
            .Select(method => (method.GetCustomAttribute<FunctionAttribute>()!.Name,
                Trigger: method.GetParameters().Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(trigger => trigger is not null)))
            .Where(function => function.Trigger is not null)
            .Select(function => new HttpFunction(function.Name, function.Trigger!.Route ?? function.Name, function.Trigger.Methods ?? []))
            .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase),
    ];

    public static TheoryData<string> Names => [.. InOrder.Select(function => function.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_function_whose_name_comes_first_takes_the_requests_of_another(string name)
    {
        var function = InOrder.Single(function => function.Name == name);
        var path = function.SamplePath();
        foreach (var method in function.Methods.DefaultIfEmpty("get"))
        {
            var first = InOrder.First(other => other.Takes(method, path));
            Assert.True(
                first.Name == name,
                $"{method} {path} is of '{name}', and in Azure '{first.Name}' ({first.Route}) would take it: give that a name that comes later.");
        }
    }

    private sealed record HttpFunction(string Name, string Route, string[] Methods)
    {
        private readonly TemplateMatcher _matcher = new(TemplateParser.Parse(Route), new RouteValueDictionary());

        // The one constraint of a route of ours says that it is the root's.
        private bool IsRoot => Route.Contains(":maxlength(0)", StringComparison.Ordinal);

        public bool Takes(string method, string path) =>
            (Methods.Length == 0 || Methods.Contains(method, StringComparer.OrdinalIgnoreCase))
            && (IsRoot ? path == "/" : _matcher.TryMatch(new PathString(path), []));

        public string SamplePath() => IsRoot
            ? "/"
            : "/" + string.Join('/', TemplateParser.Parse(Route).Segments.Select(segment => string.Concat(segment.Parts.Select(part =>
                part.IsCatchAll ? "something/else" : part.IsParameter ? "something" : part.Text))));
    }
}

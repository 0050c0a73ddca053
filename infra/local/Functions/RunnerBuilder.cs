using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>
/// Puts the runner together: settings, the opened platform, Kestrel, routes and triggers. It starts from ASP.NET Core's
/// empty builder and adds only what is needed, because the time from the start of the process to its first request counts.
/// </summary>
internal sealed class RunnerBuilder
{
    /// <summary>Settings of the app that lead to Azure there and to the platform here, unless they are set.</summary>
    private static readonly string[] DefaultConnections = ["SpansHub", "TablesConnection"];

    private readonly RunnerOptions _options;
    private readonly string[] _connections;

    /// <summary>Reads the arguments and settings and opens the platform.</summary>
    /// <exception cref="LocalPlatformException">An option is malformed, or the data folder cannot be opened.</exception>
    public RunnerBuilder(string[] args, RunnerSetup setup)
    {
        Setup = setup;
        var arguments = RunnerArguments.Parse(args);
        if (arguments.IsHelp && setup.ExitsProcess)
        {
            setup.Output.Write(RunnerArguments.Help);
            Environment.Exit(0);
        }

        Web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = Assembly.GetEntryAssembly()?.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") ?? Environments.Development,
        });
        AddSettings(arguments);
        _options = RunnerOptions.Read(Web.Configuration);
        Platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _options.Data, Clock = setup.Clock, PartitionCount = _options.Partitions });
        try
        {
            Platform.Faults.AddAll(_options.Faults);
        }
        catch (FormatException e)
        {
            Platform.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw new LocalPlatformException($"{RunnerArguments.OptionOf(RunnerOptions.FaultsKey)}: {e.Message}", e);
        }

        _connections = [.. DefaultConnections.Where(name => Web.Configuration[name] is null)];
        var defaults = _connections.Select(name => KeyValuePair.Create(name, (string?)Platform.ConnectionString));
        ((IConfigurationBuilder)Web.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
        AddServices();
    }

    /// <summary>What differs between a process of its own and a test.</summary>
    public RunnerSetup Setup { get; }

    /// <summary>The builder underneath.</summary>
    public WebApplicationBuilder Web { get; }

    /// <summary>What the app puts around every invocation.</summary>
    public InvocationPipeline Pipeline { get; } = new();

    /// <summary>The platform that the app runs on.</summary>
    public LocalPlatform Platform { get; }

    /// <summary>Finds and checks the functions, and makes the host that runs them.</summary>
    /// <exception cref="LocalPlatformException">The functions or host.json cannot be used; the message says why.</exception>
    public RunnerHost Build(bool hasWebApplication)
    {
        try
        {
            var host = Setup.HostJson is { } json ? HostFile.Parse(json) : HostFile.Load(AppContext.BaseDirectory);
            var types = Setup.Types ?? FunctionCatalog.TypesOf(Assembly.GetEntryAssembly()!);
            var catalog = FunctionCatalog.Find(types);
            if (!hasWebApplication && catalog.Functions.FirstOrDefault(f => f.Trigger is HttpTriggerAttribute) is { } first)
                throw new LocalPlatformException($"Function '{first.Name}' takes an HttpRequest: call builder.ConfigureFunctionsWebApplication() before Build().");
            TriggerHost.Check(catalog, Web.Configuration, Platform);
            var routes = HttpRoutes.Of(catalog.Functions, host.RoutePrefix);
            DefaultConnectionsOf(catalog);
            return Build(host, catalog, routes);
        }
        catch (Exception)
        {
            Platform.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    private RunnerHost Build(HostFile host, FunctionCatalog catalog, HttpRoutes routes)
    {
        var limits = new HttpLimits();
        var addresses = new RunnerAddresses(FunctionOf(catalog, SamplingPort.Route, "get") is not null);
        Web.Services.AddSingleton(addresses);
        Web.Services.PostConfigure<KestrelServerOptions>(limits.Apply);
        Web.Services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = addresses.Take);
        Web.Services.Configure<HostOptions>(o => o.ShutdownTimeout = Setup.RequestGrace);

        // Added last, so that it is stopped first: what the functions use is still there while they end.
        Web.Services.AddHostedService(services => new TriggerHost(
            services, Platform, Setup, catalog, host, services.GetRequiredService<IHostApplicationLifetime>()));
        AddAgent(catalog, limits);
        var keys = _options.RequireKeys
            ? FunctionKeys.Open(
                Path.Combine(_options.Data, "keys.json"),
                catalog.Functions.Where(f => f.Trigger is HttpTriggerAttribute).Select(f => f.Name),
                Setup.Output)
            : null;
        var web = Web.Build();
        if (addresses.HasSampling)
            SamplingPort.Map(web, addresses, host.RoutePrefix);
        if (_options.GrpcPort is not null)
            web.Use(next => new GrpcServer(next, addresses, Setup.Clock).InvokeAsync);
        web.Use(next => new AdminFunctions(next, catalog, keys, web.Services, Setup.Clock).InvokeAsync);
        routes.Map(web, limits, keys);
        return new RunnerHost(web, Platform, _options, Setup, addresses);
    }

    /// <summary>Lets the app take datagrams of Jaeger clients, if it takes their batches.</summary>
    private void AddAgent(FunctionCatalog catalog, HttpLimits limits)
    {
        Web.Services.AddSingleton<AgentStatistics>();
        if (_options.UdpPorts.Count == 0 || FunctionOf(catalog, AgentGateway.Route, "post") is not { } function)
            return;
        Web.Services.AddSingleton(services =>
        {
            var loggers = services.GetRequiredService<ILoggerFactory>();
            var answer = new HttpFunction(function, limits, keys: null, Pipeline, loggers.CreateLogger($"Function.{function.Name}"));
            return new AgentGateway(
                new InProcessRequests(answer, services), _options, Setup, services.GetRequiredService<AgentStatistics>(), loggers.CreateLogger("Agent"));
        });
        Web.Services.AddHostedService(services => services.GetRequiredService<AgentGateway>());
    }

    private static FunctionEntry? FunctionOf(FunctionCatalog catalog, string route, string method) => catalog.Functions.FirstOrDefault(
        f => f.Trigger is HttpTriggerAttribute trigger && string.Equals(trigger.Route?.Trim('/'), route, StringComparison.OrdinalIgnoreCase)
            && (trigger.Methods is not { Length: > 0 } methods || methods.Contains(method, StringComparer.OrdinalIgnoreCase)));

    private void AddSettings(RunnerArguments arguments)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        if (File.Exists(file))
            Web.Configuration.AddJsonFile(file, optional: true, reloadOnChange: false);
        Web.Configuration.AddEnvironmentVariables();
        if (arguments.Settings.Count > 0)
            Web.Configuration.AddInMemoryCollection(arguments.Settings);
    }

    private void AddServices()
    {
        Web.Logging.AddSimpleConsole(o => o.SingleLine = true);
        Web.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        Web.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
        if (Web.Configuration.GetSection("Logging") is var logging && logging.Exists())
            Web.Logging.AddConfiguration(logging);
        Web.WebHost.UseKestrelCore();
        Web.Services.AddRoutingCore();
        Web.Services.Configure<RouteOptions>(o => o.SetParameterPolicy<RegexInlineRouteConstraint>("regex"));
        Web.Services.AddSingleton(Platform);
        Web.Services.AddSingleton(Pipeline);
    }

    private void DefaultConnectionsOf(FunctionCatalog catalog)
    {
        foreach (var name in catalog.Functions.Select(f => f.Trigger).OfType<EventHubTriggerAttribute>().Select(t => t.Connection).OfType<string>().Distinct())
        {
            if (Web.Configuration[name] is null)
                Web.Configuration[name] = Platform.ConnectionString;
        }
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Local;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Builds a function app.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly RunnerBuilder _runner;
    private readonly WebApplicationBuilder _web;
    private bool _built;

    internal FunctionsApplicationBuilder(string[] args, RunnerSetup setup)
    {
        _runner = new RunnerBuilder(args, setup);
        _web = _runner.Web;
    }

    /// <summary>The app's settings.</summary>
    public ConfigurationManager Configuration => _web.Configuration;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <inheritdoc/>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    /// <inheritdoc/>
    public IHostEnvironment Environment => _web.Environment;

    /// <inheritdoc/>
    public ILoggingBuilder Logging => _web.Logging;

    /// <inheritdoc/>
    public IMetricsBuilder Metrics => _web.Metrics;

    /// <inheritdoc/>
    public IServiceCollection Services => _web.Services;

    IFunctionsWorkerApplicationBuilder IFunctionsWorkerApplicationBuilder.Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        _runner.Pipeline.Add(middleware);
        return this;
    }

    internal bool HasWebApplication { get; set; }

    /// <summary>The platform that the app will run on.</summary>
    internal LocalPlatform Platform => _runner.Platform;

    /// <summary>Makes the app; only once. The local one finds and checks the functions here.</summary>
    public IHost Build()
    {
        if (_built)
            throw new InvalidOperationException("The application has already been built.");
        _built = true;
        return ProgramExit.Guard(() => _runner.Build(HasWebApplication), _runner.Setup.ExitsProcess);
    }

    /// <inheritdoc/>
    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);
}

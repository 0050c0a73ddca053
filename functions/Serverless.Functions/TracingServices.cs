using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Producer;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Accounting;
using Serverless.Functions.Accounting.Cost;
using Serverless.Functions.Aggregates;
using Serverless.Functions.Alerting;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Ingest;
using Serverless.Functions.Operations;
using Serverless.Functions.Probing;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Functions.Querying.Jaeger;
using Serverless.Functions.Querying.Zipkin;
using Serverless.Functions.Sampling;
using Serverless.Functions.Storage;
using Serverless.Functions.Telemetry;

namespace Serverless.Functions;

/// <summary>What the functions are made of, in the order in which a span meets it.</summary>
public static class TracingServices
{
    /// <summary>Adds everything.</summary>
    public static IServiceCollection AddTracing(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = configuration.GetSection(TracingSettings.Section).Get<TracingSettings>() ?? new TracingSettings();
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<SpanCounters>();
        // The worker's own bound, below that of the settings, would turn into a 500.
        services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = settings.MaxBodyBytes + 1);

        services.AddSingleton<BodyReader>();
        services.AddSingleton<RefusalLedger>();
        services.AddSingleton<LedgerReader>();
        services.AddSingleton(provider => provider.GetRequiredService<SpanCounters>().Work);
        services.AddSingleton<WorkLedger>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkLedger>());
        services.AddSingleton<LedgerTotalsStore>();
        services.AddSingleton<WorkTotalsStore>();
        services.AddSingleton<ExpiredDays>();
        services.AddSingleton<ExecutionMeter>();
        // At once: prices that are wrong should end the start, not the first request.
        services.AddSingleton(PriceTable.Load(settings.PricesFile));
        services.AddSingleton<CostReader>();
        services.AddSingleton<QueryMeter>();
        services.AddSingleton<ExportLag>();
        services.AddSingleton<MinuteCloser>();
        services.AddSingleton<ReceiptReader>();
        services.AddSingleton<QuarantineReader>();
        services.AddSingleton<OtlpExport>();
        services.AddSingleton<OtlpIngestFunction>();
        services.AddSingleton<OtlpMetricsFunction>();
        services.AddSingleton<ZipkinIngestFunction>();
        services.AddSingleton<JaegerIngestFunction>();
        services.AddSingleton<SpanIngest>();
        services.AddSingleton<JaegerClientReports>();
        services.AddSingleton<SamplingStrategies>();

        services.AddSingleton(_ => new SpanHub(Producer(configuration, SpanHub.Name)));
        services.AddSingleton(_ => new SpanHubTail(Consumer(configuration, SpanHub.Name)));
        services.AddSingleton(provider => new FinalizeHub(Producer(configuration, FinalizeHub.Name), provider.GetRequiredService<WorkCounts>()));
        services.AddSingleton(provider => new AnalyticsHub(Producer(configuration, AnalyticsHub.Name), provider.GetRequiredService<WorkCounts>()));
        services.AddSingleton<LedgerSpill>();
        services.AddSingleton<SpanPublisher>();

        services.AddSingleton(_ => Tables(configuration));
        services.AddSingleton<TableStorage>();
        services.AddSingleton<DayTables>();

        services.AddSingleton<BatchAssembler>();
        services.AddSingleton<SearchMerger>();

        services.AddSingleton<FinalizeState>();
        services.AddSingleton<FinalizeCounters>();
        services.AddSingleton<FinalizePlanner>();
        services.AddSingleton<PlanningTurn>();
        services.AddSingleton<PromptPlanner>();
        services.AddHostedService(provider => provider.GetRequiredService<PromptPlanner>());
        services.AddSingleton<PropagationOpeners>();
        services.AddSingleton<TraceFinalizer>();
        services.AddSingleton<BreakFinder>();

        services.AddSingleton<TraceReader>();
        services.AddSingleton<TraceListReader>();
        services.AddSingleton<TraceStreams>();
        services.AddSingleton<NameReader>();
        services.AddSingleton<SearchBlockStreams>();
        services.AddSingleton<TraceSearch>();
        services.AddSingleton<TraceViews>();
        services.AddSingleton<VerdictCandidates>();
        services.AddSingleton<TracePageSearch>();
        services.AddSingleton<JaegerTraces>();
        services.AddSingleton<TraceArchive>();
        services.AddSingleton<TagValueSampler>();
        services.AddHostedService<QueryWarmUp>();

        services.AddSingleton<AggregateMerger>();
        services.AddSingleton<AggregateReader>();
        services.AddSingleton<InFlightTraces>();
        services.AddSingleton<CurrentAggregates>();

        services.AddSingleton<PageFiles>();
        services.AddSingleton<LensFiles>();
        // At once: a folder that is none should end the start, not the first request.
        services.AddSingleton(new JaegerUi(settings));
        services.AddAlerting(settings.Alerts);
        services.AddProbing(settings.Probe);
        services.AddOwnTelemetry(configuration, settings);
        return services;
    }

    /// <summary>A connection string (setting <c>SpansHub</c>), or identity with <c>SpansHub:fullyQualifiedNamespace</c>.</summary>
    private static EventHubProducerClient Producer(IConfiguration configuration, string hub)
    {
        if (configuration[$"{EventHub.ConnectionSetting}:fullyQualifiedNamespace"] is { Length: > 0 } fullyQualifiedNamespace)
            return new EventHubProducerClient(fullyQualifiedNamespace, hub, Credential(configuration, EventHub.ConnectionSetting));
        return new EventHubProducerClient(Required(configuration, EventHub.ConnectionSetting, "fullyQualifiedNamespace"), hub);
    }

    private static EventHubConsumerClient Consumer(IConfiguration configuration, string hub)
    {
        if (configuration[$"{EventHub.ConnectionSetting}:fullyQualifiedNamespace"] is { Length: > 0 } fullyQualifiedNamespace)
            return new EventHubConsumerClient(EventHubConsumerClient.DefaultConsumerGroupName, fullyQualifiedNamespace, hub, Credential(configuration, EventHub.ConnectionSetting));
        return new EventHubConsumerClient(
            EventHubConsumerClient.DefaultConsumerGroupName, Required(configuration, EventHub.ConnectionSetting, "fullyQualifiedNamespace"), hub);
    }

    /// <summary>A connection string (setting <c>TablesConnection</c>), or identity with <c>TablesConnection:tableServiceUri</c>.</summary>
    private static TableServiceClient Tables(IConfiguration configuration)
    {
        if (configuration[$"{TableStorage.Connection}:tableServiceUri"] is { Length: > 0 } uri)
            return new TableServiceClient(new Uri(uri), Credential(configuration, TableStorage.Connection));
        return new TableServiceClient(Required(configuration, TableStorage.Connection, "tableServiceUri"));
    }

    private static TokenCredential Credential(IConfiguration configuration, string connection) =>
        configuration[$"{connection}:clientId"] is { Length: > 0 } clientId
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId))
            : new DefaultAzureCredential();

    private static string Required(IConfiguration configuration, string connection, string identityKey) =>
        configuration[connection] is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException(
                $"Set {connection} to a connection string, or {connection}__{identityKey} to use the app's identity.");
}

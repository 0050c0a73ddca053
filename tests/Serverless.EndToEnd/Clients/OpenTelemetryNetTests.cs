using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Serverless.EndToEnd.Clients;

/// <summary>OpenTelemetry's .NET SDK: two tracers, and W3C's headers between them.</summary>
[Collection(ClientsCollection.Name)]
public sealed class OpenTelemetryNetTests(ClientsFixture system)
{
    private const uint HasIsRemote = 0x100;
    private const uint IsRemote = 0x200;

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public async Task The_traces_of_the_opentelemetry_sdk_are_read_back_whole(OtlpExportProtocol protocol)
    {
        var endpoint = protocol == OtlpExportProtocol.Grpc ? system.GrpcAddress : new Uri(system.Address, "/v1/traces");
        var made = new List<ClientSpan>();
        using (var front = new Tracer($"net-{protocol}-front", protocol, endpoint, made))
        using (var back = new Tracer($"net-{protocol}-back", protocol, endpoint, made))
            Checkout(front.Source, back.Source);
        Assert.Equal(4, made.Count);
        await TraceCheck.AssertAsync(system.Address, made);
    }

    private static void Checkout(ActivitySource front, ActivitySource back)
    {
        var before = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=net", isRemote: true);
        var headers = new Dictionary<string, string>();
        using var order = front.StartActivity("Order", ActivityKind.Server, before)!;
        order.SetTag("items", 3L).SetTag("small", 7).SetTag("gift", true).SetTag("total", 12.5).SetTag("text", "größer \"than\" \n")
            .SetTag("list", new[] { "a", "b" }).SetTag("numbers", new long[] { 1, -2 });
        order.AddEvent(new ActivityEvent("cart loaded", tags: new ActivityTagsCollection { ["items"] = 3L, ["vip"] = true }));
        order.SetStatus(ActivityStatusCode.Ok);
        using (var call = front.StartActivity("GET /stock", ActivityKind.Client, order.Context)!)
        {
            call.SetTag("server.address", "stock.example");
            Propagators.DefaultTextMapPropagator.Inject(new PropagationContext(call.Context, Baggage.Current), headers, (all, name, value) => all[name] = value);
            Assert.Contains("traceparent", headers.Keys);
            call.AddException(new InvalidOperationException("card declined"));
            call.SetStatus(ActivityStatusCode.Error, "card declined");
        }

        var parent = Propagators.DefaultTextMapPropagator.Extract(default, headers, (all, name) => all.TryGetValue(name, out var value) ? [value] : []);
        var other = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        using var stock = back.StartActivity(
            ActivityKind.Server, parent.ActivityContext, links: [new ActivityLink(other, new ActivityTagsCollection { ["reason"] = "batch" })], name: "GET /stock")!;
        using var publish = back.StartActivity("publish", ActivityKind.Producer, stock.Context)!;
        publish.SetTag("peer.service", "Queue");
    }

    private static ClientSpan Describe(Activity activity, Resource resource) => new()
    {
        Protocol = "otlp",
        TraceId = activity.TraceId.ToHexString(),
        Id = activity.SpanId.ToHexString(),
        ParentId = activity.ParentSpanId == default ? null : activity.ParentSpanId.ToHexString(),
        Name = activity.DisplayName,
        Kind = activity.Kind.ToString().ToLowerInvariant(),
        StartNs = Ns(activity.StartTimeUtc),
        EndNs = Ns(activity.StartTimeUtc + activity.Duration),
        Service = (string)resource.Attributes.Single(attribute => attribute.Key == "service.name").Value,
        TraceState = activity.TraceStateString ?? "",
        Flags = (uint)activity.ActivityTraceFlags | HasIsRemote | (activity.HasRemoteParent ? IsRemote : 0),
        Status = activity.Status.ToString().ToLowerInvariant(),
        StatusMessage = activity.StatusDescription ?? "",
        Tags = Tags(activity.TagObjects),
        Events = [.. activity.Events.Select(e => new ClientEvent(Ns(e.Timestamp.UtcDateTime), e.Name, Tags(e.Tags)))],
        Links = [.. activity.Links.Select(link => new ClientLink(
            link.Context.TraceId.ToHexString(), link.Context.SpanId.ToHexString(), link.Context.TraceState ?? "", Tags(link.Tags ?? [])))],
        Scope = new ClientScope(activity.Source.Name, activity.Source.Version ?? ""),
        Resource = Tags(resource.Attributes!),
    };

    private static List<ClientTag> Tags(IEnumerable<KeyValuePair<string, object?>> tags) => [.. tags.Select(tag => tag.Value switch
    {
        bool value => new ClientTag(tag.Key, "bool", value ? "true" : "false"),
        int or long => new ClientTag(tag.Key, "int64", string.Create(CultureInfo.InvariantCulture, $"{tag.Value}")),
        double value => new ClientTag(tag.Key, "float64", value.ToString("R", CultureInfo.InvariantCulture)),
        Array value => new ClientTag(tag.Key, "list", JsonSerializer.Serialize(value, value.GetType())),
        _ => new ClientTag(tag.Key, "string", tag.Value?.ToString() ?? ""),
    })];

    private static long Ns(DateTime time) => (time - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>One service's tracer; disposing sends everything.</summary>
    private sealed class Tracer : IDisposable
    {
        private readonly TracerProvider _provider;

        public Tracer(string service, OtlpExportProtocol protocol, Uri endpoint, List<ClientSpan> made)
        {
            Source = new ActivitySource(service + ".tracer", "1.2.3");
            _provider = Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(resource => resource.AddService(service, serviceVersion: "7").AddAttributes([KeyValuePair.Create("cores", (object)8L)]))
                .AddSource(Source.Name)
                .AddProcessor(new Keeper(made))
                .AddOtlpExporter(exporter => (exporter.Protocol, exporter.Endpoint) = (protocol, endpoint))
                .Build();
        }

        public ActivitySource Source { get; }

        public void Dispose()
        {
            Assert.True(_provider.ForceFlush());
            _provider.Dispose();
            Source.Dispose();
        }
    }

    private sealed class Keeper(List<ClientSpan> made) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => made.Add(Describe(data, ParentProvider.GetResource()));
    }
}

using System.Net;
using System.Net.Http.Headers;
using Serverless.Tests.Protocols.Properties;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Querying.Jaeger;

/// <summary>The app with the suite's traces in it, sent by one protocol.</summary>
public abstract class JaegerStorageSuite : IAsyncLifetime
{
    public QueryApp App { get; private set; } = null!;

    /// <summary>The protocol knows scopes, and attributes of links.</summary>
    public virtual bool HasScopesAndLinks => true;

    public async ValueTask InitializeAsync()
    {
        App = await QueryApp.StartAsync();
        await SendAsync([.. SuiteSpans.All()]);
        await SendAsync([.. SuiteSpans.Large()]);
        foreach (var id in SuiteSpans.All().Select(span => span.TraceId).Distinct().Select(id => id.ToString()).Append("beef"))
            await App.UntilAsync($"/api/traces/{id}", answer => answer.Status == HttpStatusCode.OK);
        await App.UntilAsync("/api/services", answer => answer.Json.GetProperty("total").GetInt32() == 25 + 3 + 1 + 20 + 1 + 2);
        foreach (var service in new[] { "query25-service", "large-service", "repeated-service", "across-2", "twin-19" })
            await App.UntilAsync($"/api/traces?service={service}&start=1", answer => answer.Json.GetProperty("data").GetArrayLength() > 0);
        await App.UntilAsync("/api/services/example-service-1/operations", answer => answer.Json.GetProperty("total").GetInt32() == 3);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private protected abstract Task SendAsync(IReadOnlyList<Span> spans);

    private protected async Task PostAsync(string path, string contentType, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        using var answer = await App.Client.PostAsync(path, content, CancellationToken.None);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
    }

    public sealed class OtlpJson : JaegerStorageSuite
    {
        private protected override Task SendAsync(IReadOnlyList<Span> spans) => App.StoreAsync("/v1/traces", OtlpBody.Of(spans));
    }

    public sealed class OtlpProtobuf : JaegerStorageSuite
    {
        private protected override Task SendAsync(IReadOnlyList<Span> spans) =>
            PostAsync("/v1/traces", "application/x-protobuf", OtlpEncoder.Protobuf([.. spans.Select(span => span with { Scope = span.Scope ?? new InstrumentationScope() })]));
    }

    public sealed class Thrift : JaegerStorageSuite
    {
        public override bool HasScopesAndLinks => false;

        private protected override async Task SendAsync(IReadOnlyList<Span> spans)
        {
            foreach (var process in spans.GroupBy(span => (span.ServiceName, Tags: string.Join(',', span.Resource.Attributes.Select(tag => $"{tag.Key}={tag.Value}")))))
            {
                var tags = process.First().Resource.Attributes.Where(tag => tag.Key != "service.name").ToArray();
                await PostAsync("/api/traces", "application/x-thrift", JaegerEncoder.Batch(process.Key.ServiceName, tags, [.. process.Select(WithKind)]).Write(compact: false));
            }
        }

        private static Span WithKind(Span span) => span.Kind == SpanKind.Unspecified
            ? span
            : span with { Attributes = [.. span.Attributes, new("span.kind", AttributeValue.Of(span.Kind.ToString().ToLowerInvariant()))] };
    }
}

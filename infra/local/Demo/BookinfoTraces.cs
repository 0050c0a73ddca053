using System.Globalization;
using System.Text.Json;

namespace Serverless.Local;

/// <summary>
/// Traces of Istio's Bookinfo sample as its Envoy sidecars report them to Zipkin (JSON v2, POST /api/v2/spans): the ingress gateway calls productpage,
/// which calls details and reviews; reviews v2 and v3 call ratings. The applications only pass the B3 headers on, so all spans
/// are the sidecars', and the two sidecars of a call share one span id; the server's half says shared. Where ratings cannot be reached there is no server's half.
/// </summary>
internal static class BookinfoTraces
{
    private const string Gateway = "istio-ingressgateway";
    private const int ServicePort = 9080;
    private const double Chance64BitIds = 0.2;
    private const double ChanceRatingsFail = 0.08;
    private const double ChanceRatingsSlow = 0.06;

    /// <summary>The JSON array of one trace, which ended just before <paramref name="now"/>.</summary>
    public static byte[] Next(Random random, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            new Trace(random, json).Write(now);
        return buffer.ToArray();
    }

    /// <summary>A workload's pod; Istio calls the service name.namespace in its spans.</summary>
    private sealed record Pod(string App, string Version, string Address, string Name, string Namespace = "default")
    {
        public string Host => $"{App}.{Namespace}.svc.cluster.local";

        public string NodeId => $"{(App == Gateway ? "router" : "sidecar")}~{Address}~{Name}.{Namespace}~{Namespace}.svc.cluster.local";
    }

    /// <summary>One call between two sidecars: times in µs from the trace's start, as the client sees it.</summary>
    private sealed record Call(Pod Client, Pod Server, string Path, string Id, string? ParentId, long Start, long Duration, int Status, int Bytes)
    {
        /// <summary>Half of the time that the network takes; the server sees that much less at both ends.</summary>
        public required long NetworkMicros { get; init; }

        /// <summary>Whether there was a connection at all; the server's sidecar knows nothing of a call that it did not get.</summary>
        public bool IsReached => Status != 503;

        /// <summary>Envoy's response flags: UF is a failed upstream connection, URX that the retries were used up.</summary>
        public string Flags => IsReached ? "-" : "UF,URX";
    }

    private sealed class Trace(Random random, Utf8JsonWriter json)
    {
        private static readonly Pod GatewayPod = new(Gateway, "latest", "10.244.0.8", "istio-ingressgateway-6668f9548d-9zk2x", "istio-system");
        private static readonly Pod ProductPage = new("productpage", "v1", "10.244.0.21", "productpage-v1-6b746f74dc-59t8d");
        private static readonly Pod Details = new("details", "v1", "10.244.0.17", "details-v1-79f774bdb9-6vzj6");
        private static readonly Pod Ratings = new("ratings", "v1", "10.244.0.18", "ratings-v1-b6994bb9-kk7tv");

        private static readonly Pod[] Reviews =
        [
            new("reviews", "v1", "10.244.0.19", "reviews-v1-545db77b95-8k4ll"),
            new("reviews", "v2", "10.244.0.20", "reviews-v2-7bf8c9648f-vhtqk"),
            new("reviews", "v3", "10.244.0.22", "reviews-v3-84779c7bbc-zpv2d"),
        ];

        private static readonly string[] UserAgents =
        [
            "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "curl/8.5.0", "fortio.org/fortio-1.66.0",
        ];

        private readonly string _traceId = DemoIds.Next(random, random.NextDouble() < Chance64BitIds ? 8 : 16);
        private readonly string _requestId = DemoIds.NextUuid(random);
        private readonly string _userAgent = UserAgents[random.Next(UserAgents.Length)];
        private readonly List<Call> _calls = [];

        public void Write(DateTimeOffset now)
        {
            var root = Visit();
            var begin = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond - root.Duration;
            json.WriteStartArray();
            foreach (var call in _calls)
            {
                WriteHalf(call, begin, isServer: false);
                if (call.IsReached)
                    WriteHalf(call, begin, isServer: true);
            }

            json.WriteEndArray();
        }

        /// <summary>Someone opens the product page.</summary>
        private Call Visit()
        {
            var page = DemoIds.Next(random, 8);
            var work = Micros(1500, 5000);
            var details = Add(ProductPage, Details, "/details/0", page, work, Micros(900, 4000), 200, 178);
            var reviewsStart = work + details.Duration + Micros(200, 900);
            var reviews = ReadReviews(page, reviewsStart);
            var duration = reviewsStart + reviews.Duration + Micros(1500, 6000);
            return Add(GatewayPod, ProductPage, "/productpage", null, 0, duration, 200, reviews.Bytes + 4200, page);
        }

        private Call ReadReviews(string parent, long start)
        {
            var id = DemoIds.Next(random, 8);
            var pod = Reviews[random.Next(Reviews.Length)];
            var duration = Micros(1200, 7000);
            if (pod.Version != "v1")
            {
                var dice = random.NextDouble();
                var (status, took) = dice < ChanceRatingsFail ? (503, Micros(150, 900))
                    : dice < ChanceRatingsFail + ChanceRatingsSlow ? (200, Micros(900_000, 2_500_000))
                    : (200, Micros(700, 3000));
                duration += Add(pod, Ratings, "/ratings/0", id, start + duration, took, status, status == 503 ? 91 : 48).Duration + Micros(300, 900);
            }

            return Add(ProductPage, pod, "/reviews/0", parent, start, duration, 200, pod.Version == "v1" ? 295 : 375, id);
        }

        private Call Add(Pod client, Pod server, string path, string? parent, long start, long duration, int status, int bytes, string? id = null)
        {
            var call = new Call(client, server, path, id ?? DemoIds.Next(random, 8), parent, start, duration, status, bytes)
            {
                NetworkMicros = Math.Min(duration / 8, Micros(40, 160)),
            };
            _calls.Add(call);
            return call;
        }

        private void WriteHalf(Call call, long begin, bool isServer)
        {
            var pod = isServer ? call.Server : call.Client;
            var network = isServer ? call.NetworkMicros : 0;
            json.WriteStartObject();
            json.WriteString("traceId", _traceId);
            if (call.ParentId is not null)
                json.WriteString("parentId", call.ParentId);
            json.WriteString("id", call.Id);
            json.WriteString("kind", isServer ? "SERVER" : "CLIENT");
            json.WriteString("name", $"{call.Server.Host}:{ServicePort}/*");
            json.WriteNumber("timestamp", begin + call.Start + network);
            json.WriteNumber("duration", call.Duration - 2 * network);
            json.WriteStartObject("localEndpoint");
            json.WriteString("serviceName", $"{pod.App}.{pod.Namespace}");
            json.WriteString("ipv4", pod.Address);
            json.WriteNumber("port", 0);
            json.WriteEndObject();
            if (isServer)
                json.WriteBoolean("shared", true);
            json.WriteStartObject("tags");
            WriteTags(call, pod, isServer);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        private void WriteTags(Call call, Pod pod, bool isServer)
        {
            json.WriteString("component", "proxy");
            json.WriteString("downstream_cluster", "-");
            json.WriteString("guid:x-request-id", _requestId);
            json.WriteString("http.method", "GET");
            json.WriteString("http.protocol", "HTTP/1.1");
            json.WriteString("http.status_code", call.Status.ToString(CultureInfo.InvariantCulture));
            json.WriteString("http.url", call.Client == GatewayPod
                ? $"http://bookinfo.example.com{call.Path}" : $"http://{call.Server.App}:{ServicePort}{call.Path}");
            json.WriteString("istio.canonical_revision", pod.Version);
            json.WriteString("istio.canonical_service", pod.App);
            json.WriteString("istio.mesh_id", "cluster.local");
            json.WriteString("istio.namespace", pod.Namespace);
            json.WriteString("node_id", pod.NodeId);
            json.WriteString("peer.address", isServer || pod == GatewayPod ? call.Client.Address : pod.Address);
            json.WriteString("request_size", "0");
            json.WriteString("response_flags", call.Flags);
            json.WriteString("response_size", call.Bytes.ToString(CultureInfo.InvariantCulture));
            json.WriteString("upstream_cluster", isServer ? $"inbound|{ServicePort}||" : $"outbound|{ServicePort}||{call.Server.Host}");
            json.WriteString("upstream_cluster.name", isServer ? $"inbound|{ServicePort}||;" : $"outbound|{ServicePort}||{call.Server.Host};");
            json.WriteString("user_agent", _userAgent);
            if (call.Status >= 500)
                json.WriteString("error", "true");
        }

        private long Micros(int least, int most) => random.Next(least, most);
    }
}

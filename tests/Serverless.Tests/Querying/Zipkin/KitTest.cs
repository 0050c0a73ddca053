using System.Globalization;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>A test's own corner of a shared app: names that no other test has, and a stretch of time.</summary>
public abstract class KitTest(ZipkinKit kit)
{
    private static int _suffixes;

    private readonly int _suffix = Interlocked.Increment(ref _suffixes);

    /// <summary>The beginning of the stretch, in milliseconds since 1970.</summary>
    private protected long Today { get; } = kit.NewStretch();

    private protected ZipkinKit Kit => kit;

    private protected KitEndpoint Frontend => new($"frontend-{_suffix}", "127.0.0.1");

    private protected KitEndpoint Backend => new($"backend-{_suffix}", "192.168.99.101", Port: 9000);

    private protected KitEndpoint Db => new($"db-{_suffix}", Ipv6: "2001:db8::c001", Port: 3036);

    /// <summary>A server's span with a tag.</summary>
    private protected KitSpan NewSpan() => new(kit.NewTraceId(), "1")
    {
        Kind = "SERVER", Name = "get /foo", Timestamp = Today * 1_000, Duration = 1_000, Local = Backend, Tags = [("http.method", "GET")],
    };

    /// <summary>A client's span whose parent did not come.</summary>
    private protected KitSpan NewClientSpan() => new(kit.NewTraceId(), "2")
    {
        ParentId = "1", Name = "get", Kind = "CLIENT", Local = Frontend, Remote = Backend, Timestamp = (Today + 50) * 1_000, Duration = 200_000,
        Annotations = [((Today + 100) * 1_000, "foo")], Tags = [("http.path", "/api"), ("clnt/finagle.version", "6.45.0")],
    };

    /// <summary>A call through two services to a database.</summary>
    private protected KitSpan[] NewTrace()
    {
        var client = NewClientSpan();
        return
        [
            new KitSpan(client.TraceId, "1") { Name = "get", Kind = "SERVER", Local = Frontend, Timestamp = Today * 1_000, Duration = 350_000 },
            client,
            new KitSpan(client.TraceId, client.Id)
            {
                ParentId = client.ParentId, IsShared = true, Name = "get", Kind = "SERVER", Local = Backend, Timestamp = (Today + 100) * 1_000, Duration = 150_000,
            },
            new KitSpan(client.TraceId, "3")
            {
                ParentId = "2", Name = "query", Kind = "CLIENT", Local = Backend, Remote = Db, Timestamp = (Today + 150) * 1_000, Duration = 50_000,
                Annotations = [((Today + 190) * 1_000, "⻩")], Tags = [("error", "💩")],
            },
        ];
    }

    /// <summary>The parameters of a search in this stretch of time, with what else is asked.</summary>
    private protected string Query(string more = "", long endTs = 0, long lookback = 2_000, int limit = 100) => string.Create(
        CultureInfo.InvariantCulture, $"endTs={(endTs == 0 ? Today + 1_000 : endTs)}&lookback={lookback}&limit={limit}{(more.Length > 0 ? "&" : "")}{more}");

    private protected static string Escape(string text) => Uri.EscapeDataString(text);
}

namespace Serverless.Benchmarks.Load;

/// <summary>A span of the trace that the load repeats: who did it, under whom, and when within the trace (fractions of its duration).</summary>
internal sealed record SpanShape(
    int Parent, int Service, int Kind, string Name, string Method, string PathPrefix, string ServerAddress, double Begin, double End);

/// <summary>The trace that the load posts: a checkout over four services, as OpenTelemetry's HTTP instrumentations name it.</summary>
internal static class TraceShape
{
    /// <summary>The service whose newest traces the searches ask for; it has every trace's root.</summary>
    public const string RootService = "frontend";

    private const int Internal = 1;
    private const int Server = 2;
    private const int Client = 3;

    /// <summary>The services, by <see cref="SpanShape.Service"/>.</summary>
    public static readonly string[] Services = [RootService, "orders", "inventory", "payments"];

    /// <summary>Parents come before their children.</summary>
    public static readonly SpanShape[] Spans =
    [
        new(-1, 0, Server, "POST /checkout/{cart}", "POST", "/checkout/", "shop.example.com", 0.00, 1.00),
        new(0, 0, Client, "PUT", "PUT", "/api/orders/", "orders.shop.svc", 0.04, 0.97),
        new(1, 1, Server, "PUT /api/orders/{id}", "PUT", "/api/orders/", "orders.shop.svc", 0.06, 0.95),
        new(2, 1, Internal, "OrderRules.Validate", "PUT", "/api/orders/", "orders.shop.svc", 0.07, 0.12),
        new(2, 1, Client, "GET", "GET", "/api/stock/", "inventory.shop.svc", 0.13, 0.45),
        new(4, 2, Server, "GET /api/stock/{sku}", "GET", "/api/stock/", "inventory.shop.svc", 0.15, 0.43),
        new(5, 2, Client, "GET stock", "GET", "/stock/_doc/", "search.shop.svc", 0.20, 0.40),
        new(2, 1, Client, "POST", "POST", "/api/charges/", "payments.shop.svc", 0.47, 0.93),
        new(7, 3, Server, "POST /api/charges/{id}", "POST", "/api/charges/", "payments.shop.svc", 0.49, 0.91),
        new(8, 3, Client, "POST", "POST", "/v1/payment/", "api.bank.example.net", 0.52, 0.89),
    ];
}

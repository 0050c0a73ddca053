namespace Serverless.Local;

/// <summary>
/// Traces of a web shop as OpenTelemetry SDKs report them (OTLP/JSON, POST /v1/traces), named by the semantic conventions: a frontend calls cart (redis)
/// and checkout (postgres, payment, shipping), which leaves the mail to a queue that email works off, in the same trace or in a linked one.
/// </summary>
internal static class ShopTraces
{
    /// <summary>The request of one customer's click, whose traces ended just before <paramref name="now"/>.</summary>
    public static byte[] Next(Random random, DateTimeOffset now)
    {
        var story = new Story(random);
        story.Play();
        var begin = (now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick - story.Spans.Max(span => span.End);
        return OtlpJson.Write(story.Spans, begin, Story.ResourceOf);
    }

    /// <summary>Plays the spans one after the other on a clock of its own, in ns.</summary>
    private sealed class Story(Random random)
    {
        private const double ChanceOfCheckout = 0.4;
        private const double ChanceOfDeclinedCard = 0.12;
        private const double ChanceOfSlowDatabase = 0.08;
        private const double ChanceOfMailTrace = 0.5;
        private const int PodSuffixBytes = 5;

        private static readonly string[] Products = ["OLJCESPC7Z", "66VCHSJNUP", "1YMWWN1N4O", "L9ECAV7KIM", "2ZYFJ3GM2N", "0PUK6V6EV0"];

        private static readonly Dictionary<string, (string Language, string Sdk, string Version)> Runtimes = new()
        {
            ["frontend"] = ("nodejs", "1.30.1", "2.3.1"),
            ["cart"] = ("dotnet", "1.12.0", "1.9.0"),
            ["checkout"] = ("go", "1.35.0", "3.0.4"),
            ["payment"] = ("nodejs", "1.30.1", "1.2.0"),
            ["shipping"] = ("rust", "0.29.1", "0.8.2"),
            ["email"] = ("ruby", "1.8.0", "1.1.7"),
        };

        private readonly string _session = DemoIds.NextUuid(random);
        private readonly string _traceId = DemoIds.Next(random, 16);

        public List<ShopSpan> Spans { get; } = [];

        private long Now { get; set; }

        public static IEnumerable<(string Key, object Value)> ResourceOf(string service)
        {
            var (language, sdk, version) = Runtimes[service];

            // An instance lives longer than a trace: always the same ids for a service.
            var instance = new Random(service.Length * 31 + service[0]);
            return
            [
                ("service.name", service),
                ("service.namespace", "shop"),
                ("service.version", version),
                ("service.instance.id", DemoIds.NextUuid(instance)),
                ("host.name", $"{service}-{DemoIds.Next(instance, PodSuffixBytes)}"),
                ("process.command_args", new object[] { "/app/" + service, "--port", "8080" }),
                ("telemetry.sdk.name", "opentelemetry"),
                ("telemetry.sdk.language", language),
                ("telemetry.sdk.version", sdk),
            ];
        }

        public void Play()
        {
            if (random.NextDouble() < ChanceOfCheckout)
                Serve(null, "frontend", "POST", "/api/checkout", PlaceOrder);
            else
                Serve(null, "frontend", "POST", "/api/cart", page =>
                {
                    page.Attributes.Add(("app.product.id", Products[random.Next(Products.Length)]));
                    CallOver(page, "cart", "PUT", "/v1/carts/{session}", cart => Redis(cart, "HSET"));
                });
        }

        private void PlaceOrder(ShopSpan page)
        {
            if (CallOver(page, "checkout", "POST", "/v1/orders", Order).Error is { } error)
                page.Error = error;
        }

        private void Order(ShopSpan order)
        {
            var items = Enumerable.Range(0, random.Next(1, 5)).Select(_ => new (string Key, object Value)[]
            {
                ("id", Products[random.Next(Products.Length)]),
                ("quantity", (long)random.Next(1, 4)),
                ("price", Math.Round(random.NextDouble() * 200, 2)),
                ("gift", random.Next(4) == 0),
            }).ToArray<object>();
            order.Attributes.Add(("app.order.items", items));
            order.Attributes.Add(("app.order.total", Math.Round(random.NextDouble() * 600, 2)));
            order.Attributes.Add(("app.order.digest", RandomBytes(12)));
            CallOver(order, "cart", "GET", "/v1/carts/{session}", cart => Redis(cart, "HGETALL"));
            CallOver(order, "shipping", "POST", "/v1/quotes", quote =>
                Do("shipping", quote, "Quote.calculate", ShopSpan.Internal, span => Spend(300, 1500)));
            Postgres(order, "INSERT", "orders");
            var charged = CallOver(order, "payment", "POST", "/v1/charges", Charge);
            if (charged.Error is not null)
            {
                order.Error = "could not charge the card";
                order.Events.Add((Now, "order.cancelled", [("reason", "payment"), ("retryable", false)]));
                Postgres(order, "UPDATE", "orders");
                return;
            }

            Postgres(order, "UPDATE", "orders");
            order.Events.Add((Now, "order.placed", [("app.order.item_count", (long)items.Length)]));
            SendMail(order);
        }

        private void Charge(ShopSpan charge)
        {
            charge.Attributes.Add(("app.payment.card_type", random.Next(2) == 0 ? "visa" : "mastercard"));
            Spend(2000, 9000);
            if (random.NextDouble() >= ChanceOfDeclinedCard)
                return;
            charge.Error = "Card declined: insufficient funds";
            charge.Events.Add((Now, "exception",
            [
                ("exception.type", "CardDeclinedError"),
                ("exception.message", "Card declined: insufficient funds"),
                ("exception.stacktrace", "CardDeclinedError: Card declined: insufficient funds\n    at charge (/app/charge.js:61:11)\n    at async /app/index.js:22:7"),
                ("exception.escaped", true),
            ]));
        }

        /// <summary>The order service sends to the queue and goes on; the mail service takes the message later.</summary>
        private void SendMail(ShopSpan order)
        {
            var message = DemoIds.NextUuid(random);
            var producer = Do("checkout", order, "send order-mails", ShopSpan.Producer, span =>
            {
                Messaging(span, "send", message);
                Spend(300, 1200);
            });
            var sent = Now;
            Spend(5000, 90_000);
            var own = random.NextDouble() < ChanceOfMailTrace;
            Do("email", own ? null : producer, "process order-mails", ShopSpan.Consumer, mail =>
            {
                Messaging(mail, "process", message);
                mail.Links.Add(producer);
                Do("email", mail, "render order_confirmation.erb", ShopSpan.Internal, _ => Spend(800, 4000));
                Do("email", mail, "smtp send", ShopSpan.Client, smtp =>
                {
                    smtp.Attributes.AddRange([("server.address", "smtp.example.com"), ("server.port", 587L), ("network.transport", "tcp")]);
                    Spend(3000, 20_000);
                });
            }, own ? DemoIds.Next(random, 16) : null);

            // The spans above the producer do not wait for the mail.
            Now = sent;
        }

        private static void Messaging(ShopSpan span, string operation, string message) => span.Attributes.AddRange(
        [
            ("messaging.system", "rabbitmq"),
            ("messaging.destination.name", "order-mails"),
            ("messaging.operation.type", operation),
            ("messaging.message.id", message),
            ("messaging.message.body.size", 1843L),
        ]);

        private void Redis(ShopSpan parent, string command) => Do(parent.Service, parent, command, ShopSpan.Client, span =>
        {
            span.Attributes.AddRange(
            [
                ("db.system.name", "redis"), ("db.operation.name", command), ("db.query.text", $"{command} cart:{_session} ?"),
                ("server.address", "redis"), ("server.port", 6379L), ("db.response.returned_rows", 1L),
            ]);
            Spend(120, 900);
        });

        private void Postgres(ShopSpan parent, string operation, string table) => Do(parent.Service, parent, $"{operation} {table}", ShopSpan.Client, span =>
        {
            span.Attributes.AddRange(
            [
                ("db.system.name", "postgresql"), ("db.namespace", "shop"), ("db.operation.name", operation), ("db.collection.name", table),
                ("db.query.text", operation == "INSERT" ? $"INSERT INTO {table} (id, customer, lines) VALUES ($1, $2, $3)" : $"UPDATE {table} SET state = $2 WHERE id = $1"),
                ("server.address", "postgres"), ("server.port", 5432L),
            ]);
            if (random.NextDouble() < ChanceOfSlowDatabase)
            {
                Spend(100, 400);
                span.Events.Add((Now, "lock wait", [("db.lock.mode", "RowExclusiveLock")]));
                Spend(150_000, 700_000);
            }

            Spend(500, 3500);
        });

        /// <summary>A call over HTTP: the client's span in the caller, the server's in the service.</summary>
        private ShopSpan CallOver(ShopSpan caller, string service, string method, string route, Action<ShopSpan> work)
        {
            ShopSpan? server = null;
            Do(caller.Service, caller, method, ShopSpan.Client, client =>
            {
                Spend(40, 250);
                server = Serve(client, service, method, route, work);
                Spend(40, 250);
                var failed = server.Error is not null;
                client.Attributes.AddRange(
                [
                    ("http.request.method", method), ("url.full", $"http://{service}:8080{route.Replace("{session}", _session, StringComparison.Ordinal)}"),
                    ("server.address", service), ("server.port", 8080L), ("http.response.status_code", failed ? 402L : 200L),
                ]);
                if (failed)
                {
                    client.Attributes.Add(("error.type", "402"));
                    client.Error = "402 Payment Required";
                }
            });
            return server!;
        }

        private ShopSpan Serve(ShopSpan? client, string service, string method, string route, Action<ShopSpan> work) =>
            Do(service, client, $"{method} {route}", ShopSpan.Server, span =>
            {
                span.Attributes.AddRange(
                [
                    ("http.request.method", method), ("http.route", route), ("url.path", route.Replace("{session}", _session, StringComparison.Ordinal)),
                    ("url.scheme", "http"), ("network.protocol.version", "1.1"), ("session.id", _session),
                ]);
                Spend(100, 900);
                work(span);
                Spend(100, 900);
                span.Attributes.Add(("http.response.status_code", span.Error is null ? 200L : 402L));
            });

        private ShopSpan Do(string service, ShopSpan? parent, string name, int kind, Action<ShopSpan> work, string? traceId = null)
        {
            var span = new ShopSpan(service, traceId ?? parent?.TraceId ?? _traceId, DemoIds.Next(random, 8), parent, name, kind) { Start = Now };
            Spans.Add(span);
            work(span);
            span.End = Now;
            return span;
        }

        private byte[] RandomBytes(int count)
        {
            var bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }

        /// <summary>Lets time pass, in µs.</summary>
        private void Spend(int least, int most) => Now += random.Next(least, most) * 1000L + random.Next(1000);
    }
}

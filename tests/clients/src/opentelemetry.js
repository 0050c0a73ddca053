// The OpenTelemetry SDK with each of its exporters.
import { context, ROOT_CONTEXT, propagation, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { hrTimeToMicroseconds, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter as OtlpGrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as OtlpJsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as OtlpProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { double, fromMicros, int, ns, text, typed } from './values.js';

const exporters = {
  'otlp-json': (endpoint, compression) => new OtlpJsonExporter({ url: `${endpoint}/v1/traces`, compression }),
  'otlp-protobuf': (endpoint, compression) => new OtlpProtobufExporter({ url: `${endpoint}/v1/traces`, compression }),
  'otlp-grpc': (endpoint, compression) => new OtlpGrpcExporter({ url: endpoint, compression }),
  zipkin: (endpoint) => new ZipkinExporter({ url: `${endpoint}/api/v2/spans` }),
};

const propagators = {
  w3c: () => new W3CTraceContextPropagator(),
  'b3-single': () => new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }),
  'b3-multi': () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
};

const kinds = ['internal', 'server', 'client', 'producer', 'consumer'];
const statuses = ['unset', 'ok', 'error'];

export class Client {
  made = [];

  constructor({ service, exporter, propagation: headers, endpoint, compression }) {
    this.isZipkin = exporter === 'zipkin';
    this.headers = headers;
    const keep = { onStart() {}, onEnd: (span) => this.made.push(this.describe(span)), forceFlush: async () => {}, shutdown: async () => {} };
    const sender = exporters[exporter](endpoint, compression);
    this.failures = [];
    const send = sender.export.bind(sender);
    sender.export = (spans, done) => send(spans, (result) => {
      if (result.code !== 0)
        this.failures.push(result.error ?? new Error('The export failed.'));
      done(result);
    });
    this.provider = new NodeTracerProvider({
      resource: resourceFromAttributes({
        'service.name': service, 'service.version': '1.2.3', 'host.cores': 8, 'host.load': 0.5, 'host.tags': ['a', 'b'], 'host.spare': false,
      }),
      spanLimits: { eventCountLimit: 3 },
      spanProcessors: [keep, new BatchSpanProcessor(sender, { scheduledDelayMillis: 60_000 })],
    });
    this.provider.register({ propagator: propagators[headers]() });
    this.tracer = trace.getTracer('shop.tracer', '4.5.6');
  }

  async front(port, call) {
    const remote = { traceparent: '00-' + hex(16) + '-' + hex(8) + '-01', tracestate: 'vendor=front,other=1' };
    const parent = this.headers === 'w3c' ? propagation.extract(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
    const root = this.tracer.startSpan('GET /Checkout', {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': 'GET', 'unicode.text': 'größer \u{1F680} "quoted" \\ \n', 'empty.text': '', 'number.int': 42, 'number.negative': -7,
        'number.large': Number.MAX_SAFE_INTEGER, 'number.double': 0.1, 'number.tiny': 5e-324, 'is.true': true, 'is.false': false,
        'list.text': ['x', 'y'], 'list.int': [1, 2, 3], 'list.double': [0.5, 1.5], 'list.bool': [true, false], 'list.empty': [],
      },
    }, parent);
    const rootContext = trace.setSpan(parent, root);
    root.addEvent('cart loaded', { items: 3, vip: true, currency: 'EUR' });
    root.addEvent('bare event');
    const child = this.tracer.startSpan('GET /stock', {
      kind: SpanKind.CLIENT, attributes: { 'server.address': 'stock.example', 'server.port': port, 'http.request.method': 'GET' },
    }, rootContext);
    const headers = {};
    propagation.inject(trace.setSpan(rootContext, child), headers);
    await call(headers);
    child.recordException(new TypeError('not in stock'));
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'not in stock' });
    child.end();
    root.setStatus({ code: SpanStatusCode.OK });
    root.end();
  }

  async back(headers) {
    const parent = propagation.extract(ROOT_CONTEXT, headers);
    const server = this.tracer.startSpan('GET /stock', {
      kind: SpanKind.SERVER,
      attributes: { 'http.route': '/stock' },
      links: [{
        context: { traceId: hex(16), spanId: hex(8), traceFlags: TraceFlags.SAMPLED, isRemote: true },
        attributes: { reason: 'batch', size: 2 },
      }],
    }, parent);
    const scope = trace.setSpan(parent, server);
    const now = Date.now();
    // Of nanoseconds the Zipkin exporter makes a timestamp with a fraction, which Zipkin itself refuses.
    const explicit = this.tracer.startSpan('explicit times', { startTime: [Math.floor(now / 1000), this.isZipkin ? 123456000 : 123456789] }, scope);
    explicit.end([Math.floor(now / 1000), 123987654]);
    const publish = this.tracer.startSpan('stock publish', { kind: SpanKind.PRODUCER, attributes: { 'peer.service': 'Queue' } }, scope);
    publish.end();
    const receive = this.tracer.startSpan('stock receive', { kind: SpanKind.CONSUMER }, trace.setSpan(scope, publish));
    for (let i = 0; i < 5; i++)
      receive.addEvent(`event ${i}`);
    receive.setStatus({ code: SpanStatusCode.ERROR });
    receive.end();
    server.end();
  }

  async finish() {
    await this.provider.forceFlush();
    await this.provider.shutdown();
    if (this.failures.length > 0)
      throw this.failures[0];
  }

  describe(span) {
    const { traceId, spanId, traceState, traceFlags } = span.spanContext();
    const described = {
      traceId, id: spanId, parentId: span.parentSpanContext?.spanId, name: span.name, kind: kinds[span.kind],
      startNs: ns(span.startTime), endNs: ns(span.endTime), service: span.resource.attributes['service.name'],
    };
    return this.isZipkin ? { protocol: 'zipkin', ...described, ...asZipkin(span) } : {
      protocol: 'otlp',
      ...described,
      traceState: traceState?.serialize() ?? '',
      // The lowest byte is W3C's; bit 8 says that bit 9 tells whether the parent was remote.
      flags: traceFlags | 0x100 | (span.parentSpanContext?.isRemote ? 0x200 : 0),
      status: statuses[span.status.code],
      statusMessage: span.status.message ?? '',
      tags: tagsOf(span.attributes),
      events: span.events.map((event) => ({ timeNs: ns(event.time), name: event.name, tags: tagsOf(event.attributes ?? {}) })),
      links: span.links.map((link) => ({ traceId: link.context.traceId, id: link.context.spanId, traceState: '', tags: tagsOf(link.attributes ?? {}) })),
      droppedEvents: span.droppedEventsCount,
      scope: { name: span.instrumentationScope.name, version: span.instrumentationScope.version },
      resource: tagsOf(span.resource.attributes),
    };
  }
}

// What the exporter's documentation says that it makes of a span: texts only, the resource among the tags, no links.
function asZipkin(span) {
  const tags = [...Object.entries(span.attributes), ...Object.entries(span.resource.attributes)].map(([key, value]) => text(key, String(value)));
  if (span.status.code !== SpanStatusCode.UNSET)
    tags.push(text('otel.status_code', statuses[span.status.code].toUpperCase()));
  if (span.status.code === SpanStatusCode.ERROR && span.status.message)
    tags.push(text('error', span.status.message));
  if (span.droppedEventsCount)
    tags.push(text('otel.dropped_events_count', String(span.droppedEventsCount)));
  const start = hrTimeToMicroseconds(span.startTime);
  return {
    kind: span.kind === SpanKind.INTERNAL ? '' : kinds[span.kind],
    startNs: fromMicros(start),
    endNs: fromMicros(start + Math.round(hrTimeToMicroseconds(span.duration))),
    tags,
    events: span.events.map((event) => ({ timeNs: fromMicros(Math.round(hrTimeToMicroseconds(event.time))), name: event.name, tags: [] })),
  };
}

function tagsOf(attributes) {
  return Object.entries(attributes).map(([key, value]) => typed(key, value, (number) => (Number.isInteger(number) ? int(key, number) : double(key, number))));
}

function hex(bytes) {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
}

// jaeger-client with its HTTP sender, or its UDP sender to an agent; Jaeger's own headers or B3's.
import jaeger from 'jaeger-client';
import { FORMAT_HTTP_HEADERS, Reference, REFERENCE_CHILD_OF, REFERENCE_FOLLOWS_FROM } from 'opentracing';
import { binary, double, fromMicros, text, typed } from './values.js';

export class Client {
  made = [];

  constructor({ service, endpoint, agentPort, propagation, traceId128Bit, shareRpcSpan, isDebug }) {
    this.failures = [];
    this.isDebug = isDebug;
    const logger = { info() {}, error: (message) => this.failures.push(new Error(message)) };
    const reporter = agentPort ? { agentHost: '127.0.0.1', agentPort } : { collectorEndpoint: `${endpoint}/api/traces` };
    const config = { serviceName: service, sampler: { type: 'const', param: 1 }, reporter: { ...reporter, flushIntervalMs: 60_000 } };
    this.tracer = jaeger.initTracer(config, { logger, shareRpcSpan, traceId128bit: traceId128Bit, tags: { region: 'north', 'host.cores': 8, spare: false } });
    const report = this.tracer._reporter.report.bind(this.tracer._reporter);
    this.tracer._reporter.report = (span) => {
      this.made.push({ ...describe(span, service), isShared: shareRpcSpan && isServerOfCall(span) });
      report(span);
    };
    if (propagation === 'b3-multi') {
      const codec = new jaeger.ZipkinB3TextMapCodec();
      this.tracer.registerInjector(FORMAT_HTTP_HEADERS, codec);
      this.tracer.registerExtractor(FORMAT_HTTP_HEADERS, codec);
    }
  }

  async front(port, call) {
    const { tracer } = this;
    const root = tracer.startSpan('GET /Checkout', { tags: {
      'span.kind': 'server', 'http.method': 'GET', 'unicode.text': 'größer \u{1F680} "quoted" \\ \n', 'empty.text': '',
      'number.int': 42, 'number.negative': -7.25, 'is.true': true, 'is.false': false, 'bytes.some': Buffer.from([0, 1, 254, 255]), 'object.some': { a: [1, 'x'] },
    } });
    if (this.isDebug)
      root.setTag('sampling.priority', 1);
    root.log({ event: 'cart loaded', items: 3, vip: true });
    root.log({ message: 'no event here' });
    const child = tracer.startSpan('GET /stock', { childOf: root, tags: { 'span.kind': 'client', 'peer.service': 'Stock', 'peer.port': port } });
    const headers = {};
    tracer.inject(child, FORMAT_HTTP_HEADERS, headers);
    await call(headers);
    child.setTag('error', true);
    child.log({ event: 'error', 'error.kind': 'TypeError', message: 'not in stock' });
    child.finish();
    root.finish();
  }

  async back(headers) {
    const { tracer } = this;
    const parent = tracer.extract(FORMAT_HTTP_HEADERS, headers);
    const server = tracer.startSpan('GET /stock', { childOf: parent, tags: { 'span.kind': 'server' } });
    const other = tracer.startSpan('of another trace').context();
    const work = tracer.startSpan('local work', {
      references: [new Reference(REFERENCE_CHILD_OF, server.context()), new Reference(REFERENCE_FOLLOWS_FROM, other)],
      startTime: Date.now() + 0.25,
    });
    work.finish(Date.now() + 5.125);
    server.finish();
  }

  finish() {
    return new Promise((resolve, reject) => {
      this.tracer.close(() => (this.failures.length > 0 ? reject(this.failures[0]) : resolve()));
    });
  }
}

function describe(span, service) {
  const context = span.context();
  const traceId = idOf(context.traceId);
  const parentId = context.parentId ? idOf(context.parentId) : undefined;
  const startMicros = Math.floor(span._startTime * 1000);
  return {
    protocol: 'jaeger',
    traceId,
    id: idOf(context.spanId),
    parentId,
    name: span._operationName,
    startNs: fromMicros(startMicros),
    endNs: fromMicros(startMicros + Math.floor(span._duration * 1000)),
    service,
    flags: context.flags,
    isDebug: context.isDebug(),
    tags: span._tags.map(({ key, value }) => tagOf(key, value)),
    events: span._logs.map(({ timestamp, fields }) => ({
      timeNs: fromMicros(timestamp * 1000),
      name: fields.find(({ key }) => key === 'event')?.value ?? '',
      tags: fields.filter(({ key }) => key !== 'event').map(({ key, value }) => tagOf(key, value)),
    })),
    links: span._references
      .filter((reference) => reference.type() !== REFERENCE_CHILD_OF || idOf(reference.referencedContext().spanId) !== parentId)
      .map((reference) => ({
        traceId: idOf(reference.referencedContext().traceId),
        id: idOf(reference.referencedContext().spanId),
        traceState: '',
        tags: [text('opentracing.ref_type', reference.type())],
      })),
    resource: Object.entries(span.tracer()._tags).map(([key, value]) => tagOf(key, value)),
  };
}

function isServerOfCall(span) {
  return Boolean(span.context().parentId) && span._tags.some(({ key, value }) => key === 'span.kind' && value === 'server');
}

function idOf(bytes) {
  const hex = bytes.toString('hex');
  return hex.length === 32 && hex.startsWith('0000000000000000') ? hex.slice(16) : hex;
}

// The client writes every number as a double, and objects as JSON.
function tagOf(key, value) {
  return Buffer.isBuffer(value) ? binary(key, value) : typed(key, value, (number) => double(key, number));
}

// zipkin-js with its HTTP transport. Its recorder writes Zipkin's v1 or v2 JSON; joined spans share an id.
import zipkin from 'zipkin';
import transport from 'zipkin-transport-http';
import { fromMicros, text } from './values.js';

const { Annotation, BatchRecorder, ExplicitContext, HttpHeaders, InetAddress, Instrumentation, jsonEncoder, option, Tracer } = zipkin;

export class Client {
  made = [];

  constructor({ service, endpoint, encoding, traceId128Bit, supportsJoin, isDebug }) {
    this.failures = [];
    this.logger = new transport.HttpLogger({
      endpoint: `${endpoint}/api/${encoding}/spans`,
      jsonEncoder: encoding === 'v1' ? jsonEncoder.JSON_V1 : jsonEncoder.JSON_V2,
      httpInterval: 60_000,
      fetchImplementation: (url, request) => (this.sent = this.send(url, request)),
    });
    const log = this.logger.logSpan.bind(this.logger);
    this.logger.logSpan = (span) => {
      this.made.push(describe(span));
      log(span);
    };
    this.recorder = new BatchRecorder({ logger: this.logger });
    this.tracer = new Tracer({
      ctxImpl: new ExplicitContext(), recorder: this.recorder, localServiceName: service, traceId128Bit, supportsJoin,
      defaultTags: { region: 'north' },
    });
    this.isDebug = isDebug;
    this.service = service;
  }

  async front(port, call) {
    const { tracer } = this;
    const root = tracer.createRootId(option.None, this.isDebug);
    await tracer.letId(root, async () => {
      tracer.recordServiceName(this.service);
      tracer.recordRpc('GET /Checkout');
      tracer.recordAnnotation(new Annotation.ServerRecv());
      tracer.recordAnnotation(new Annotation.LocalAddr({ host: new InetAddress('10.1.2.3'), port: 8080 }));
      tracer.recordAnnotation(new Annotation.ClientAddr({ serviceName: 'Browser', host: new InetAddress('192.168.0.9'), port: 51234 }));
      tracer.recordBinary('unicode.text', 'größer \u{1F680} "quoted" \\ \n');
      tracer.recordBinary('empty.text', '');
      tracer.recordMessage('cart loaded');
      tracer.recordMessage('vip customer');
    });
    const http = new Instrumentation.HttpClient({ tracer, serviceName: this.service, remoteServiceName: 'stock' });
    let child;
    const request = tracer.letId(root, () => {
      const made = http.recordRequest({ headers: {} }, `http://127.0.0.1:${port}/stock?x=1`, 'GET');
      child = tracer.id;
      return made;
    });
    await call(request.headers);
    tracer.letId(root, () => http.recordResponse(child, 503));
    tracer.letId(root, () => tracer.recordAnnotation(new Annotation.ServerSend()));
  }

  async back(headers) {
    const { tracer } = this;
    const http = new Instrumentation.HttpServer({ tracer, serviceName: this.service, host: '10.4.5.6', port: 9090 });
    const read = (name) => (headers[name.toLowerCase()] === undefined ? option.None : new option.Some(headers[name.toLowerCase()]));
    if (read(HttpHeaders.TraceId) === option.None)
      throw new Error('The call brought no X-B3-TraceId.');
    await tracer.scoped(async () => {
      const id = http.recordRequest('GET', 'http://127.0.0.1/stock', read);
      const send = tracer.letId(id, () => tracer.createChildId());
      tracer.letId(send, () => {
        tracer.recordServiceName(this.service);
        tracer.recordRpc('publish');
        tracer.recordAnnotation(new Annotation.ProducerStart());
        tracer.recordAnnotation(new Annotation.MessageAddr({ serviceName: 'queue', port: 9092 }));
        tracer.recordAnnotation(new Annotation.ProducerStop());
      });
      tracer.letId(id, () => tracer.local('local work', () => tracer.recordBinary('step', '1')));
      http.recordResponse(id, 200);
    });
  }

  async finish() {
    this.recorder.flush();
    this.logger.processQueue(this.logger.fetchImplementation);
    const answer = await this.sent;
    if (answer.status !== 202)
      throw new Error(`The spans were answered with ${answer.status}: ${await answer.text()}`);
  }

  async send(url, { method, body, headers }) {
    return fetch(url, { method, body, headers });
  }
}

function describe(span) {
  return {
    protocol: 'zipkin',
    traceId: span.traceId,
    id: span.id,
    parentId: span.parentId,
    name: span.name ?? '',
    kind: span.kind?.toLowerCase() ?? '',
    startNs: span.timestamp === undefined ? undefined : fromMicros(span.timestamp),
    endNs: span.duration === undefined ? undefined : fromMicros(span.timestamp + span.duration),
    service: span.localEndpoint?.serviceName ?? '',
    local: endpoint(span.localEndpoint),
    remote: endpoint(span.remoteEndpoint),
    tags: Object.entries(span.tags).map(([key, value]) => text(key, value)),
    events: span.annotations.map(({ timestamp, value }) => ({ timeNs: fromMicros(timestamp), name: value, tags: [] })),
    isShared: span.shared === true,
    isDebug: span.debug === true,
  };
}

function endpoint(of) {
  return of && { serviceName: of.serviceName ?? '', ipv4: of.ipv4, port: of.port ?? 0 };
}

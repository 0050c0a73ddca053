/** The shapes of Jaeger's legacy query API, as far as this page reads them. Times and durations are in microseconds. */
export interface Envelope<T> {
  data: T | null;
  errors: ApiError[] | null;
}

export interface ApiError {
  code?: number;
  msg?: string;
  traceID?: string;
}

export interface JaegerTrace {
  traceID: string;
  spans: JaegerSpan[] | null;
  processes: Record<string, JaegerProcess | undefined>;
  warnings?: string[] | null;
}

export interface JaegerSpan {
  traceID: string;
  spanID: string;
  operationName: string;
  references?: JaegerReference[] | null;
  startTime: number;
  duration: number;
  tags?: KeyValue[] | null;
  logs?: JaegerLog[] | null;
  processID: string;
  warnings?: string[] | null;
}

export interface JaegerReference {
  refType: string;
  traceID: string;
  spanID: string;
}

export interface JaegerProcess {
  serviceName: string;
  tags?: KeyValue[] | null;
}

export interface JaegerLog {
  timestamp: number;
  fields?: KeyValue[] | null;
}

export interface KeyValue {
  key: string;
  type?: string;
  value: unknown;
}

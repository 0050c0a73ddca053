/** Who has to do something about a failed request. */
export type Fault = 'unreachable' | 'system' | 'query' | 'missing' | 'key';

/** A request that did not succeed. */
export class ApiFailure extends Error {
  readonly fault: Fault;
  readonly url: string;
  readonly status: number;

  constructor(fault: Fault, message: string, url: string, status = 0) {
    super(message);
    this.fault = fault;
    this.url = url;
    this.status = status;
  }
}

/** The failure that a status and a body, in Jaeger's form or a problem's (RFC 9457), tell of. */
export function failureOf(status: number, statusText: string, body: string, url: string): ApiFailure {
  const message = messageOf(body) || `${status} ${statusText}`.trim();
  if (status === 401 || status === 403) return new ApiFailure('key', message, url, status);
  if (status === 404) return new ApiFailure('missing', message, url, status);
  return new ApiFailure(status < 500 && status !== 429 ? 'query' : 'system', message, url, status);
}

function messageOf(body: string): string {
  try {
    const { errors, detail } = JSON.parse(body) as { errors?: { msg?: string }[] | null; detail?: string };
    if (typeof detail === 'string' && detail !== '') return detail;
    const messages = (errors ?? []).flatMap((error) => error.msg ?? []);
    if (messages.length > 0) return messages.join('; ');
  } catch {
    // Neither form: a proxy's page or plain text, of which the beginning says most.
  }
  return /^\s*</.test(body) ? '' : body.trim().slice(0, 300);
}

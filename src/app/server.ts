/**
 * The port: who may come in, how long anybody may take, and where each request goes. Events go
 * straight to their source; everything else goes through Express.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { ExporterError } from '../core/errors.js';
import { describeValue } from '../core/decode/describe.js';
import type { Refusal } from '../core/ports.js';
import { EVENTS_PATH, type HttpSource } from '../sources/http/http-source.js';
import type { Authenticator } from './authenticator.js';
import { delay } from './clock.js';
import { formatAddress, isLoopback, type Address } from './config/units.js';
import { sendError, setSecurityHeaders } from './http-answer.js';
import type { Handler } from './metrics-handler.js';
import type { TlsOptions } from './web-config.js';

export interface ServerParts {
  readonly listen: Address;
  /** Undefined: plain HTTP. */
  readonly tls: TlsOptions | undefined;
  /** Undefined: no passwords are asked for. */
  readonly authenticator: Authenticator | undefined;
  readonly events: HttpSource;
  readonly others: Handler;
}

export interface RunningServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** Takes no more connections, and ends the idle ones. */
  stopAccepting(): void;
  /** Ends requests whose body is still on its way; those that are being answered go on. */
  cutUnfinishedRequests(): void;
  /** Ends what is left after a moment for the last answers. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** A connection that nothing moves on, such as a client that does not read its answer. */
const IDLE_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 30_000;
const CHECK_INTERVAL_MS = 1000;
const LAST_ANSWERS_MS = 500;
/** Probes of an orchestrator know no password, and learn nothing but yes or no. */
const OPEN_PATHS: readonly string[] = ['/livez', '/readyz'];

const WHOLE_EVENTS_ADDRESS = new RegExp(`^https?://[^/]+${EVENTS_PATH}$`, 'i');

const UNAUTHORIZED: Refusal = {
  code: 'unauthorized',
  message:
    'Authorization: expected Basic with the name and password of a user, got another or none',
};

/** Rejects with ExporterError SOURCE_FAILED when the port cannot be had. */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { listen, tls } = parts;
  const options = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
  };
  const requests = new Requests(parts);
  const onRequest: Handler = (request, response) => requests.handle(request, response);
  const server =
    tls === undefined
      ? createServer(options, onRequest)
      : createTlsServer({ ...options, ...tls }, onRequest);
  server.setTimeout(IDLE_TIMEOUT_MS);
  server.on('clientError', (error, socket) => requests.answerBroken(error, socket));
  // Left to Node, the first would be closed without a word, and the second answered without a body.
  server.on('connect', (_request, socket) => requests.refuseTunnel(socket));
  server.on('checkExpectation', onRequest);
  await bind(server, listen);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
  const shownHost = listen.host === undefined ? 'localhost' : listen.host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${formatAddress({ host: shownHost, port })}`,
    stopAccepting: () => void server.close(),
    cutUnfinishedRequests: () => requests.cutUnfinished(),
    close: async () => {
      if (server.listening) server.close();
      server.closeIdleConnections();
      for (let waitedMs = 0; requests.inHand > 0 && waitedMs < LAST_ANSWERS_MS; waitedMs += 20) {
        await delay(20);
        server.closeIdleConnections();
      }
      server.closeAllConnections();
    },
  };
}

function bind(server: Server, listen: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      const address = formatAddress(listen);
      const got = `cannot listen on ${address}: ${cause.message}`;
      const message = `web.listen_address: expected a port that is free, ${got}`;
      reject(new ExporterError('SOURCE_FAILED', message, { cause }));
    };
    server.once('error', onError);
    const { host, port } = listen;
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

class Requests {
  /**
   * Of each connection its newest answer. A connection stays in here while it lives: a map that forgets and learns
   * with every request makes itself anew all the time, and what it was before keeps the requests of that time until
   * the collector goes through everything.
   */
  readonly #answers = new Map<Duplex, ServerResponse>();
  /** The same sender says the same with every request. */
  #lastHostAllowed: string | undefined;
  readonly #isLoopback: boolean;

  constructor(private readonly parts: ServerParts) {
    this.#isLoopback = isLoopback(parts.listen);
  }

  get inHand(): number {
    let count = 0;
    for (const { closed } of this.#answers.values()) if (!closed) count += 1;
    return count;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (!this.#answers.has(socket)) socket.once('close', () => this.#answers.delete(socket));
    this.#answers.set(socket, response);
    const { authenticator } = this.parts;
    const stranger = this.#strangerFault(request);
    if (stranger !== undefined) {
      this.#refuse(request, response, stranger);
    } else if (authenticator === undefined || OPEN_PATHS.includes(pathOf(request))) {
      this.#dispatch(request, response);
    } else {
      void authenticator(request.headers.authorization).then((isKnown) => {
        if (isKnown) this.#dispatch(request, response);
        else this.#refuse(request, response, UNAUTHORIZED);
      });
    }
  }

  /**
   * A request that is none, or too slow. Writing alone would leave the connection open for ever.
   */
  answerBroken(error: Error & { readonly code?: string }, socket: Duplex): void {
    const answer = this.#answers.get(socket);
    const hasNoAnswer = answer === undefined || answer.closed || !answer.headersSent;
    if (socket.writable && hasNoAnswer) {
      socket.write(brokenAnswer(error.code));
    }
    socket.destroy();
  }

  /** CONNECT: this is no proxy. */
  refuseTunnel(socket: Duplex): void {
    const message = 'method: expected GET, HEAD or POST, got CONNECT';
    const allow = 'Allow: GET, HEAD, POST';
    socket.end(rawAnswer('405 Method Not Allowed', 'method_not_allowed', message, allow));
  }

  cutUnfinished(): void {
    for (const [socket, { closed, req }] of this.#answers) {
      if (!closed && !req.complete) socket.destroy();
    }
  }

  #dispatch(request: IncomingMessage, response: ServerResponse): void {
    const { events, others } = this.parts;
    if (isForEvents(request)) events.handle(request, response);
    else others(request, response);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    setSecurityHeaders(response);
    if (refusal.code === 'unauthorized') {
      response.setHeader('www-authenticate', 'Basic realm="selfhealer-exporter", charset="UTF-8"');
    }
    if (isForEvents(request)) {
      this.parts.events.refuseUnread(request, response, refusal);
    } else {
      request.resume();
      sendError(response, { status: refusal.code === 'unauthorized' ? 401 : 403, ...refusal });
    }
  }

  /**
   * A web page can give a name of its own the address of this machine, and its requests then look
   * like those of its own site. They bring that name with them.
   */
  #strangerFault({ headers, httpVersion }: IncomingMessage): Refusal | undefined {
    if (!this.#isLoopback) return undefined;
    const { listen } = this.parts;
    const { host } = headers;
    if (host === undefined ? httpVersion === '1.0' : host === this.#lastHostAllowed) {
      return undefined;
    }
    const name = (host ?? '').replace(/:\d*$/, '').toLowerCase();
    const isAddress = isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
    if (isAddress || name === 'localhost' || name === listen.host?.toLowerCase()) {
      this.#lastHostAllowed = host;
      return undefined;
    }
    const why = `as the exporter listens on ${formatAddress(listen)}`;
    const message = `Host: expected localhost or an address, ${why}, got ${describeValue(host)}`;
    return { code: 'forbidden', message };
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}

/** Also where the request names the whole address, as those through a proxy do. */
function isForEvents(request: IncomingMessage): boolean {
  const path = pathOf(request);
  return path === EVENTS_PATH || (!path.startsWith('/') && WHOLE_EVENTS_ADDRESS.test(path));
}

function brokenAnswer(code: string | undefined): string {
  const [status, errorCode, message] =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? (['408 Request Timeout', 'request_timeout', 'the request took too long'] as const)
      : code === 'HPE_HEADER_OVERFLOW'
        ? ([
            '431 Request Header Fields Too Large',
            'invalid_request',
            'headers: too large',
          ] as const)
        : ([
            '400 Bad Request',
            'invalid_request',
            'expected an HTTP request, got something else',
          ] as const);
  return rawAnswer(status, errorCode, message);
}

/** Where there is no response to write it to. */
function rawAnswer(
  status: string,
  code: string,
  message: string,
  ...headers: readonly string[]
): string {
  const body = JSON.stringify({ error: { code, message } });
  return [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    ...headers,
    '',
    body,
  ].join('\r\n');
}

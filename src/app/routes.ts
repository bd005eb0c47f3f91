/**
 * Every address but that of events, on Express. What each answers is described in docs/http-api.md.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { partOf, type ReportPart } from '../analysis/parts.js';
import { ADVICE_STATES, adviceHistory } from '../analysis/standing-advice.js';
import { describeValue } from '../core/decode/describe.js';
import { identifierFault, isIdentifier } from '../core/decode/identifier.js';
import { isExporterError } from '../core/errors.js';
import type { Clock, Log } from '../core/ports.js';
import { REPORT_WRITERS, writerOf } from '../exposition/report/writers.js';
import { EVENTS_PATH } from '../sources/http/http-source.js';
import { bestStrategyFor, openIncidentsFor, reportFor } from './answers.js';
import { bestStrategyJson } from './best-strategy-json.js';
import { readBestQuestion } from './best-question.js';
import type { Engine, Live } from './engine.js';
import {
  sendBody,
  sendError,
  sendJson,
  setSecurityHeaders,
  type HttpError,
} from './http-answer.js';
import type { Handler } from './metrics-handler.js';
import { openApi } from './openapi.js';
import { page } from './page.js';
import {
  RANGE_PARAMETERS,
  readLimit,
  readParameters,
  readQuestion,
  type Question,
} from './question.js';
import { tuningFor } from './tuning-answer.js';

export interface RoutesParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly report: Log;
  readonly metrics: Handler;
}

type Answer = (request: Request, response: Response) => Promise<void> | void;

const TIMELINE_LENGTH_MAX = 1000;
const INCIDENTS_USUAL = 100;
const INCIDENTS_MAX = 1000;

/** Never answers with another 5xx than 503, whatever it is asked. */
export function routes(parts: RoutesParts): Express {
  const { engine, clock, metrics } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  app.use((_request, response, next) => {
    setSecurityHeaders(response);
    next();
  });

  const get = (path: string, answer: Answer): void => {
    app.get(path, answer);
    app.all(path, wrongMethod);
  };
  app.all('/metrics', (request, response) => metrics(request, response));
  get('/livez', (_request, response) => sendJson(response, 200, { status: 'ok' }));
  get('/readyz', (_request, response) => {
    const { hindrance } = engine;
    if (hindrance === undefined) sendJson(response, 200, { status: 'ready' });
    else sendError(response, { status: 503, ...hindrance });
  });
  get('/openapi.json', (_request, response) => sendJson(response, 200, openApi()));
  get(
    '/',
    withLive(engine, (live, _request, response) => homePage(live, clock, response)),
  );
  get('/api/v1/report', withLive(engine, reportRoute(clock)));
  for (const part of REPORT_PART_NAMES) {
    get(`/api/v1/${part}`, withLive(engine, partRoute(clock, part)));
  }
  get('/api/v1/recommendations/history', withLive(engine, historyRoute(clock)));
  get('/api/v1/incidents', withLive(engine, incidentsRoute(clock)));
  get('/api/v1/strategies/best', withLive(engine, bestRoute));
  get('/api/v1/strategies/:name/tuning', withLive(engine, tuningRoute(clock)));
  app.use((request, response) => notFound(request, response));
  app.use(errorHandler(parts));
  return app;
}

type LiveAnswer = (live: Live, request: Request, response: Response) => Promise<void> | void;

const REPORT_PART_NAMES: readonly ReportPart[] = [
  'stats',
  'strategies',
  'mttr',
  'patterns',
  'predictions',
  'recommendations',
  'timeline',
];

function withLive(engine: Engine, answer: LiveAnswer): Answer {
  return async (request, response) => {
    const { live, hindrance } = engine;
    if (live !== undefined) await answer(live, request, response);
    else if (hindrance !== undefined) sendError(response, { status: 503, ...hindrance });
  };
}

async function homePage(live: Live, clock: Clock, response: Response): Promise<void> {
  const asked = readQuestion([], [], clock.nowMs());
  const writer = writerOf('text');
  if (!asked.ok || writer === undefined) return;
  const text = writer.write(await reportFor(live, clock, asked.question));
  sendBody(response, 200, 'text/html; charset=utf-8', page(Buffer.from(text).toString('utf8')));
}

function reportRoute(clock: Clock): LiveAnswer {
  return async (live, request, response) => {
    const question = ask(request, response, ['format'], clock);
    if (question === undefined) return;
    const format = question.extra.get('format') ?? 'json';
    const writer = writerOf(format);
    if (writer === undefined) {
      const formats = REPORT_WRITERS.map((known) => known.format).join(', ');
      badRequest(response, `format: expected one of ${formats}, got ${describeValue(format)}`);
      return;
    }
    const report = await reportFor(live, clock, question);
    sendBody(response, 200, writer.contentType, writer.write(report));
  };
}

function partRoute(clock: Clock, part: ReportPart): LiveAnswer {
  return async (live, request, response) => {
    const question = ask(request, response, part === 'timeline' ? ['limit'] : [], clock);
    if (question === undefined) return;
    const limit = readLimit(question.extra.get('limit'), 20, TIMELINE_LENGTH_MAX);
    if (typeof limit === 'string') {
      badRequest(response, limit);
      return;
    }
    const extent = { timelineLength: limit, overTime: part === 'mttr' };
    sendJson(response, 200, partOf(await reportFor(live, clock, question, extent), part));
  };
}

function incidentsRoute(clock: Clock): LiveAnswer {
  return (live, request, response) => {
    const question = ask(request, response, ['state', 'limit'], clock);
    if (question === undefined) return;
    const state = question.extra.get('state') ?? 'open';
    const limit = readLimit(question.extra.get('limit'), INCIDENTS_USUAL, INCIDENTS_MAX);
    if (state !== 'open') {
      badRequest(response, `state: expected open, got ${describeValue(state)}`);
    } else if (typeof limit === 'string') {
      badRequest(response, limit);
    } else {
      sendJson(response, 200, openIncidentsFor(live, clock, question, limit));
    }
  };
}

function historyRoute(clock: Clock): LiveAnswer {
  return ({ state }, request, response) => {
    const values = readParameters(parametersOf(request), ['state', 'limit']);
    if (typeof values === 'string') return badRequest(response, values);
    const asked = values.get('state');
    const only = ADVICE_STATES.find((word) => word === asked);
    const limit = readLimit(values.get('limit'), INCIDENTS_USUAL, INCIDENTS_MAX);
    if (asked !== only) {
      const wanted = ADVICE_STATES.join(' or ');
      return badRequest(response, `state: expected ${wanted}, got ${describeValue(asked)}`);
    }
    if (typeof limit === 'string') return badRequest(response, limit);
    sendJson(response, 200, adviceHistory(state, clock.nowMs(), { only, limit }));
  };
}

const BEST_PARAMETERS = ['failure_type', 'severity', 'agent_id', 'attempt'] as const;

async function bestRoute(live: Live, request: Request, response: Response): Promise<void> {
  const values = readParameters(parametersOf(request), BEST_PARAMETERS);
  const asked = typeof values === 'string' ? values : readBestQuestion(values);
  if (typeof asked === 'string') {
    badRequest(response, asked);
    return;
  }
  const { failureType, context } = asked;
  const best = await bestStrategyFor(live, failureType, context);
  sendJson(response, 200, bestStrategyJson(failureType, best, live.state.pairTrends));
}

function tuningRoute(clock: Clock): LiveAnswer {
  return async (live, request, response) => {
    const { name } = request.params;
    if (typeof name !== 'string') return notFound(request, response);
    const values = readParameters(parametersOf(request), RANGE_PARAMETERS);
    if (typeof values === 'string') return badRequest(response, values);
    if (!isIdentifier(name)) return badRequest(response, `strategy: ${identifierFault(name)}`);
    const question = ask(request, response, [], clock);
    if (question === undefined) return;
    sendJson(response, 200, await tuningFor(live, clock, question, name));
  };
}

/** Undefined when the answer has been given: what it asks for is not well-formed. */
function ask(
  request: Request,
  response: Response,
  extra: readonly string[],
  clock: Clock,
): Question | undefined {
  const asked = readQuestion(parametersOf(request), extra, clock.nowMs());
  if (asked.ok) return asked.question;
  badRequest(response, asked.message);
  return undefined;
}

function parametersOf({ originalUrl }: Request): URLSearchParams {
  const mark = originalUrl.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : originalUrl.slice(mark + 1));
}

function badRequest(response: Response, message: string): void {
  sendError(response, { status: 400, code: 'invalid_request', message });
}

function wrongMethod(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('allow', 'GET, HEAD');
  const message = `method: expected GET, got ${request.method ?? 'nothing'}`;
  sendError(response, { status: 405, code: 'method_not_allowed', message });
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const known = `/, /metrics, ${EVENTS_PATH} or another of /openapi.json`;
  const message = `path: expected ${known}, got ${describeValue(path)}`;
  sendError(response, { status: 404, code: 'not_found', message });
}

/** Express knows an error handler by its four parameters. */
function errorHandler({ report }: RoutesParts) {
  return (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    if (response.headersSent) response.destroy();
    else sendError(response, httpErrorOf(error, report));
  };
}

function httpErrorOf(error: unknown, report: Log): HttpError {
  const status =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const message = error instanceof Error ? error.message : 'not a request that can be answered';
    return { status: 400, code: 'invalid_request', message };
  }
  if (isExporterError(error, 'STORE_CLOSED')) {
    const message = 'the exporter is shutting down';
    return { status: 503, code: 'shutting_down', message, retryAfterSeconds: 5 };
  }
  if (isExporterError(error) && error.code.startsWith('STORE_')) {
    const { message } = error;
    return { status: 503, code: 'store_unavailable', message, retryAfterSeconds: 5 };
  }
  report('error', 'a request could not be answered', { error });
  const message = 'the exporter failed to answer; its log says why';
  return { status: 503, code: 'internal', message };
}

/**
 * `GET /openapi.json`: the HTTP interface, described for programs. A test holds it against the
 * routes.
 */
import { ADVICE_STATES } from '../analysis/standing-advice.js';
import { REPORT_WRITERS } from '../exposition/report/writers.js';
import { PROBLEM_CODES, REFUSAL_CODES } from '../core/problem.js';
import { SEVERITIES } from '../core/event.js';
import { EVENTS_PATH } from '../sources/http/http-source.js';
import { BUILD } from './build.js';
import { REQUEST_CODES } from './http-answer.js';
import { FILTER_PARAMETERS } from './question.js';

type Json = Readonly<Record<string, unknown>>;

const REPORT_PARTS = {
  stats: 'Totals and rates: `overall_stats`.',
  strategies: 'How well each strategy works: `strategy_effectiveness`.',
  mttr: 'Recovery times, over all, by failure type and over time: `mttr`.',
  patterns: 'What fails, when, and where: `failure_patterns`.',
  predictions: 'How good predictions are, by what made them: `predictions`.',
  recommendations: 'What to do: `recommendations` and `recommendation_details`.',
  timeline: 'The newest attempts: `recent_timeline`.',
} as const;

/** OpenAPI 3.1. */
export function openApi(): Json {
  const parts = Object.entries(REPORT_PARTS).map(([part, summary]) => {
    const extra = part === 'timeline' ? [limit(20)] : [];
    return [`/api/v1/${part}`, get(summary, { parameters: [...QUESTION, ...extra] })] as const;
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'selfhealer-exporter',
      version: BUILD.version,
      description: 'Takes the events of self-healing systems; serves metrics and reports.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      [EVENTS_PATH]: { post: postEvents() },
      '/metrics': get('Metrics in the format that Accept likes best.', {
        content: {
          ...text('text/plain'),
          ...text('application/openmetrics-text'),
          'application/vnd.google.protobuf': { schema: { type: 'string', format: 'binary' } },
        },
      }),
      '/api/v1/report': get('The whole report.', {
        parameters: [...QUESTION, query('format', { enum: FORMATS, default: 'json' })],
        content: { ...json(), ...text('text/plain') },
      }),
      ...Object.fromEntries(parts),
      '/api/v1/recommendations/history': get('What was recommended from when until when.', {
        parameters: [query('state', { enum: ADVICE_STATES }), limit(100)],
      }),
      '/api/v1/incidents': get('Open incidents, the oldest first.', {
        parameters: [...QUESTION, query('state', { enum: ['open'], default: 'open' }), limit(100)],
      }),
      '/api/v1/strategies/best': get('The strategy to try next, with its probability and why.', {
        parameters: [
          { ...query('failure_type', { type: 'string' }), required: true },
          query('severity', { enum: SEVERITIES }),
          query('agent_id', { type: 'string' }),
          query('attempt', { type: 'integer', minimum: 1 }),
        ],
      }),
      '/api/v1/strategies/{name}/tuning': get(
        'Parameters that the results of a strategy call for, each with its evidence.',
        { parameters: [strategyName(), ...RANGE] },
      ),
      '/livez': get('Whether the process answers.', { asksPassword: false }),
      '/readyz': get('Whether events are taken and made durable.', { asksPassword: false }),
      '/openapi.json': get('This description.', {}),
      '/': get('A page with links and the report as text.', { content: text('text/html') }),
    },
    components: {
      schemas: { Error: errorSchema(), Settled: settledSchema() },
      securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
    },
    security: [{}, { basic: [] }],
  };
}

const FORMATS = REPORT_WRITERS.map(({ format }) => format);

const RANGE: readonly Json[] = [
  query('range', { type: 'string', examples: ['15m', '1h', '30d'] }),
  query('from', { type: 'string', format: 'date-time' }),
  query('to', { type: 'string', format: 'date-time' }),
];

const QUESTION: readonly Json[] = [
  ...RANGE,
  ...Object.keys(FILTER_PARAMETERS).map((name) => query(name, { type: 'string' })),
];

function postEvents(): Json {
  const event = { type: 'object', description: 'A CloudEvent 1.0; docs/events.md has the types.' };
  return {
    summary: 'Takes events. The answer comes when they are on disk; sending again is safe.',
    requestBody: {
      required: true,
      content: {
        'application/cloudevents+json': { schema: event },
        'application/cloudevents-batch+json': { schema: { type: 'array', items: event } },
        'application/x-ndjson': { schema: { type: 'string' } },
        'application/json': { schema: { anyOf: [event, { type: 'array', items: event }] } },
      },
    },
    responses: {
      200: answer('Every accepted event is on disk.', json(ref('Settled'))),
      400: answer(
        'All events were rejected (then also the members of 200), or the body is malformed.',
        json(ref('Error')),
      ),
      401: failure('Name and password are missing or wrong.'),
      403: failure('The Host header names a stranger.'),
      408: failure('The request took too long.'),
      413: failure('More than 16 MiB, unpacked, or more than 50,000 events.'),
      415: failure('A media type or an encoding that is not taken.'),
      429: waiting('The queue is full.'),
      503: waiting('Not ready, shutting down, or out of disk.'),
    },
  };
}

function get(
  summary: string,
  {
    parameters = [],
    content = json(),
    asksPassword = true,
  }: {
    readonly parameters?: readonly Json[];
    readonly content?: Json;
    readonly asksPassword?: boolean;
  },
): Json {
  return {
    get: {
      summary,
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(asksPassword ? {} : { security: [] }),
      responses: {
        200: answer('The answer.', content),
        ...(parameters.length === 0 ? {} : { 400: failure('A parameter is not right.') }),
        ...(asksPassword ? { 401: failure('Name and password are missing or wrong.') } : {}),
        503: waiting('Not ready, or the event log does not answer.'),
      },
    },
  };
}

function query(name: string, schema: Json): Json {
  return { name, in: 'query', schema };
}

function strategyName(): Json {
  return { name: 'name', in: 'path', required: true, schema: { type: 'string' } };
}

function limit(usual: number): Json {
  return query('limit', { type: 'integer', minimum: 1, maximum: 1000, default: usual });
}

function answer(description: string, content: Json): Json {
  return { description, content };
}

function failure(description: string): Json {
  return answer(description, json(ref('Error')));
}

function waiting(description: string): Json {
  const headers = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } };
  return { ...failure(description), headers };
}

function json(schema: Json = { type: 'object' }): Json {
  return { 'application/json': { schema } };
}

function text(mediaType: string): Json {
  return { [mediaType]: { schema: { type: 'string' } } };
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function errorSchema(): Json {
  const codes = [...REFUSAL_CODES, ...REQUEST_CODES, ...PROBLEM_CODES];
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: { code: { enum: codes }, message: { type: 'string' } },
      },
    },
  };
}

function settledSchema(): Json {
  const count = { type: 'integer', minimum: 0 };
  const problem = {
    type: 'object',
    required: ['index', 'code', 'message'],
    properties: { index: count, code: { enum: PROBLEM_CODES }, message: { type: 'string' } },
  };
  return {
    type: 'object',
    required: ['accepted', 'duplicates', 'rejected'],
    properties: { accepted: count, duplicates: count, rejected: { type: 'array', items: problem } },
  };
}

/** What is pushed where, by settings and by the standard variables. */
import { envDetector } from '@opentelemetry/resources';
import { expect, test, vi } from 'vitest';
import { attributesFault } from '../../../src/app/push/environment.js';
import { planOf } from '../../../src/app/push/plan.js';
import type { PushSettings } from '../../../src/app/config/config.js';
import { parseConfigObject } from '../../../src/app/config/config.js';

const NONE: PushSettings = parseConfigObject({}, () => '').otlp;
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test('nothing is pushed where nothing says so', () => {
  expect(planOf(NONE, {}, false)).toBeUndefined();
  expect(planOf(NONE, { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false)).toBeUndefined();
  expect(planOf(NONE, ENDPOINT, true)).toBeUndefined();
});

test.each([
  [{ OTEL_SDK_DISABLED: 'true' }],
  [{ OTEL_SDK_DISABLED: 'TRUE' }],
  [{ OTEL_METRICS_EXPORTER: 'none' }],
  [{ OTEL_METRICS_EXPORTER: 'prometheus, console' }],
])('the variables can say that there is to be none: %j', (more) => {
  expect(planOf(NONE, { ...ENDPOINT, ...more }, false)).toBeUndefined();
  const endpoint = 'http://setting:4318';
  expect(planOf({ ...NONE, endpoint }, more, false)).toMatchObject({
    url: `${endpoint}/v1/metrics`,
  });
});

test('a list of exporters with this one in it starts the push', () => {
  const environment = { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'prometheus, OTLP' };
  expect(planOf(NONE, environment, false)).toBeDefined();
});

test('the variables say what a push may take, and as what durations are told', () => {
  expect(planOf(NONE, ENDPOINT, false)).toMatchObject({
    timeoutMs: undefined,
    durationsAs: 'exponential',
  });
  const environment = {
    ...ENDPOINT,
    OTEL_METRIC_EXPORT_TIMEOUT: '30000',
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'explicit_bucket_histogram',
  };
  expect(planOf(NONE, environment, false)).toMatchObject({
    timeoutMs: 30_000,
    durationsAs: 'explicit',
  });
});

test.each([
  [{}, 'none'],
  [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP' }, 'gzip'],
  [{ OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: ' Gzip ' }, 'gzip'],
  [
    { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'None' },
    'none',
  ],
])('%j: compressed as %s', (more, compression) => {
  expect(planOf(NONE, { ...ENDPOINT, ...more }, false)).toMatchObject({ compression });
});

test.each([
  ['http://h:4318', 'http://h:4318/v1/metrics'],
  ['http://h:4318///', 'http://h:4318/v1/metrics'],
  ['http://h/otlp/', 'http://h/otlp/v1/metrics'],
  ['http://h/otlp/v1/metrics', 'http://h/otlp/v1/metrics'],
  ['http://h/otlp/v1/metrics/', 'http://h/otlp/v1/metrics'],
  ['https://u:p@h/in?key=a/b', 'https://u:p@h/in/v1/metrics?key=a/b'],
  ['http://[::1]:4318', 'http://[::1]:4318/v1/metrics'],
])('%s is asked as %s', (endpoint, url) => {
  expect(planOf({ ...NONE, endpoint }, {}, false)).toMatchObject({ url });
});

test('settings go before variables, and those of metrics before those of everything', () => {
  const environment = {
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRIC_EXPORT_INTERVAL: '5000',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta',
  };
  const plan = planOf(NONE, environment, false);
  expect(plan).toMatchObject({ url: undefined, protocol: 'http/json', intervalMs: 5000 });
  expect([...(plan?.deltaKinds ?? [])]).toEqual(['counter', 'histogram']);
  const own = { ...environment, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf' };
  expect(planOf(NONE, own, false)).toMatchObject({ protocol: 'http/protobuf' });
  const settings = { ...NONE, intervalMs: 100, temporality: 'cumulative' } as const;
  expect(planOf(settings, own, false)).toMatchObject({ intervalMs: 100, deltaKinds: new Set() });
});

test.each([
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    /OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL/,
  ],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /expected one of http\/protobuf/],
  [{ ...ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL: '0' }, /expected milliseconds, got "0"/],
  [{ ...ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL: '1e99' }, /expected milliseconds/],
  [{ ...ENDPOINT, OTEL_METRIC_EXPORT_TIMEOUT: '-1' }, /expected milliseconds, got "-1"/],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, /_OTLP_TIMEOUT: expected milliseconds/],
  [
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'zstd' },
    /_METRICS_COMPRESSION: expected one of none, gzip, got "zstd"/,
  ],
  [
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'exponential' },
    /expected one of base2_exponential_bucket_histogram, explicit_bucket_histogram/,
  ],
  [
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'both' },
    /expected one of cumulative, delta, lowmemory, got "both"/,
  ],
])('what cannot be followed is an error: %j', (environment, reason) => {
  expect(() => planOf(NONE, environment, false)).toThrow(reason);
});

test.each([
  ['Authorization', /_HEADERS: expected name=value,name=value, got a header without "=" \(1\.\)/],
  ['a=b,,=secret', /what is no name of a header, "" \(3\.\)/],
  ['bad name=secret', /what is no name of a header, "bad name"/],
  ['a=secret;b', /with ";", which is written %3B, "a"/],
  ['a=', /a header without a value, "a"/],
  ['a=secret%', /a "%" that escapes nothing/],
  ['a=secret%0A', /a value that no header may have, of "a"/],
])('headers that cannot be sent are refused, and no value is told: %s', (headers, reason) => {
  for (const of of ['OTEL_EXPORTER_OTLP', 'OTEL_EXPORTER_OTLP_METRICS']) {
    const environment = { ...ENDPOINT, [`${of}_HEADERS`]: headers };
    expect(() => planOf(NONE, environment, false)).toThrow(reason);
    expect(() => planOf(NONE, environment, false)).not.toThrow(/secret/);
  }
});

test.each(['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'])(
  'a %s that cannot be read is refused',
  (file) => {
    const none = { ...ENDPOINT, [`OTEL_EXPORTER_OTLP_${file}`]: '/no/such/file.pem' };
    expect(() => planOf(NONE, none, false)).toThrow(/a file that can be read, got "\/no\/such/);
    const [known = ''] = process.argv;
    const own = { ...none, [`OTEL_EXPORTER_OTLP_METRICS_${file}`]: known };
    expect(planOf(NONE, own, false)).toBeDefined();
  },
);

test('headers and attributes as OpenTelemetry writes them are taken', () => {
  const headers = 'Authorization=Basic%20YTpi==, X-Scope-OrgID = team%3B1,';
  expect(planOf(NONE, { ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: headers }, false)).toBeDefined();
  const attributes = 'service.instance.id=a%3Db, team = x ,';
  expect(attributesFault({ OTEL_RESOURCE_ATTRIBUTES: attributes })).toBeUndefined();
  expect(attributesFault({})).toBeUndefined();
});

test.each([
  ['team', /expected name=value, got "team"/],
  ['team=a=b', /expected name=value, got "team=a=b"/],
  ['a=b,=c', /expected name=value, got "=c"/],
  ['a=100%', /expected "%" to escape a character/],
  [`a=${'b'.repeat(256)}`, /at most 255 characters, got more in "a"/],
])('resource attributes that are left out are told: %s', (attributes, reason) => {
  expect(attributesFault({ OTEL_RESOURCE_ATTRIBUTES: attributes })).toMatch(reason);
  const detected = detectedIn(attributes);
  expect(detected).toEqual({});
});

/** What the library takes of it: nothing, where ours finds a fault. */
function detectedIn(attributes: string): unknown {
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', attributes);
  const found = envDetector.detect({}).attributes;
  vi.unstubAllEnvs();
  return found;
}

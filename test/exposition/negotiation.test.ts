// What a client gets for what it says that it takes.
import { describe, expect, test } from 'vitest';
import { formatFor, metricFormats } from '../../src/exposition/formats.js';
import { acceptsGzip } from '../../src/exposition/negotiation.js';

const FORMATS = metricFormats({ created: false });
const TEXT = 'text/plain';
const OPENMETRICS = 'application/openmetrics-text';
const PROTOBUF = 'application/vnd.google.protobuf';
const PROTOBUF_RANGE = `${PROTOBUF};proto=io.prometheus.client.MetricFamily;encoding=delimited`;

describe('Accept', () => {
  test.each([
    ['nothing', undefined, TEXT],
    ['an empty one', '', TEXT],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', TEXT],
    ['anything', '*/*', TEXT],
    ['any text', 'text/*', TEXT],
    ['something that there is not', 'application/json', TEXT],
    ['OpenMetrics', OPENMETRICS, OPENMETRICS],
    ['OpenMetrics in capitals', 'Application/OpenMetrics-Text; Version="1.0.0"', OPENMETRICS],
    [
      'OpenMetrics of another version, or text',
      `${OPENMETRICS};version=0.0.1, ${TEXT};q=0.5`,
      TEXT,
    ],
    [
      'Prometheus 2.42',
      `${OPENMETRICS};version=1.0.0,${OPENMETRICS};version=0.0.1;q=0.75,` +
        'text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      OPENMETRICS,
    ],
    [
      'Prometheus 2.42 with native histograms',
      `${PROTOBUF_RANGE},${OPENMETRICS};version=1.0.0;q=0.8,` +
        `${OPENMETRICS};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
      PROTOBUF,
    ],
    [
      'Prometheus 3',
      `${OPENMETRICS};version=1.0.0;escaping=allow-utf-8;q=0.6,` +
        `${OPENMETRICS};version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,` +
        'text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      OPENMETRICS,
    ],
    ['VictoriaMetrics', 'text/plain;version=0.0.4;q=1,*/*;q=0.1', TEXT],
    ['equal weights: the first named', `${TEXT};version=0.0.4,${OPENMETRICS};version=1.0.0`, TEXT],
    ['equal weights: the named one', `*/*,${OPENMETRICS}`, OPENMETRICS],
    ['a weight before the order', `${TEXT};q=0.5,${OPENMETRICS};q=0.7`, OPENMETRICS],
    ['text refused', `${TEXT};q=0,*/*`, OPENMETRICS],
    ['a weight that is none', `${OPENMETRICS};q=2,${TEXT};q=0.1`, TEXT],
    ['protobuf that is not delimited', `${PROTOBUF};encoding=text,${TEXT};q=0.1`, TEXT],
    ['commas alone', ',,;,', TEXT],
  ])('%s', (_name, accept, type) => {
    expect(formatFor(accept, FORMATS).type).toBe(type);
  });
});

describe('Accept-Encoding', () => {
  test.each([
    ['gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['*', true],
    ['x-gzip', true],
    ['GZIP', true],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['*;q=0', false],
    ['identity', false],
    ['identity;q=1, gzip;q=0.5', false],
    ['identity;q=0.5, gzip;q=1', true],
    ['br', false],
    ['', false],
  ])('%s', (header, packed) => {
    expect(acceptsGzip(header)).toBe(packed);
  });
});

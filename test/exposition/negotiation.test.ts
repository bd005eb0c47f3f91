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
    [
      'weights with more digits than allowed',
      `${TEXT};q=0.33333,${OPENMETRICS};q=0.66667`,
      OPENMETRICS,
    ],
    ['a weight without its zero', `${TEXT};q=.2,${OPENMETRICS};q=.3`, OPENMETRICS],
    [
      'a weight in capitals, with spaces',
      `${TEXT} ; Q = 0.2 , ${OPENMETRICS} ; q=0.3`,
      OPENMETRICS,
    ],
    [
      'commas and semicolons in quotes',
      `${OPENMETRICS};a="x,y;q=0";q=0.9,${TEXT};q=0.5`,
      OPENMETRICS,
    ],
    ['quotes that never close', `${OPENMETRICS};a="x,${TEXT};q=0.5`, OPENMETRICS],
    ['a backslash at the end of quotes', `${OPENMETRICS};a="\\",${TEXT};q=0.5`, OPENMETRICS],
    ['no number as a weight', `${OPENMETRICS};q=NaN,${TEXT};q=0.1`, TEXT],
    ['a weight below nothing', `${OPENMETRICS};q=-1,${TEXT};q=0.1`, TEXT],
    ['only refusals', `${TEXT};q=0,*/*;q=0`, TEXT],
    ['a wildcard of the family refused', `text/*;q=0,${OPENMETRICS};q=0.1`, OPENMETRICS],
    ['one kind of everything refused', `application/*;q=0,*/*;q=0.1`, TEXT],
    ['garbage', '\u0000/;;=;q==,"";,*/*/*;q=0.9,;q=1,====', TEXT],
    ['ten thousand ranges', `${'a/b;q=0.9,'.repeat(10_000)}${OPENMETRICS};q=0.1`, OPENMETRICS],
  ])('%s', (_name, accept, type) => {
    expect(formatFor(accept, FORMATS).type).toBe(type);
  });
});

test.each(['"\\', '"', '"a', ';"\\', ',', ';', 'a;q=0.1,', '"\\",', '"a,b;c\\"'])(
  'as much of %s as a header may hold is read in no time',
  (part) => {
    const header = part.repeat(16_000 / part.length);
    const began = performance.now();
    for (let n = 0; n < 5; n += 1) {
      expect(formatFor(header, FORMATS)).toBe(FORMATS[0]);
      expect(acceptsGzip(header)).toBe(false);
    }
    expect(performance.now() - began).toBeLessThan(500);
  },
);

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
    ['identity;q=0', true],
    ['identity;q=0, br', true],
    ['identity;q=0, *;q=0', false],
    ['identity;q=0, gzip;q=0', false],
    ['gzip;q=0.001', true],
    ['*;q=0.5, gzip;q=0', false],
    [';;,,="', false],
    ['', false],
  ])('%s', (header, packed) => {
    expect(acceptsGzip(header)).toBe(packed);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { completion } from '../sources/pipeline-rig.js';
import { ask, postLines, startExporter, type ExporterRig, type Json } from './exporter-rig.js';

let rig: ExporterRig;
let api: string;
beforeAll(async () => {
  rig = await startExporter();
  api = `${rig.url}/api/v1`;
  const lines = Array.from({ length: 40 }, (_, i) =>
    completion({
      data: {
        failure_id: `f${i % 2}_${i}`,
        strategy_used: i % 2 === 0 ? 'Even' : 'Odd',
        agent_id: `agent-${i % 4}`,
        success: i % 3 > 0,
      },
    }),
  );
  await postLines(rig.url, lines);
  await postLines(rig.url, [
    completion({
      type: 'selfhealer.failure.detected',
      data: { failure_id: 'open_1', failure_type: 'disk_full', severity: 'high' },
    }),
  ]);
});
afterAll(() => rig.exporter.close());

describe('A report', () => {
  test('tells everything, and its parts tell the same', async () => {
    const report = (await ask(`${api}/report`)).json;

    expect(report).toMatchObject({
      range: { requested: null, from: null, to: null },
      overall_stats: { total_failures: 41, total_healings: 40, success_count: 26 },
    });
    const keys = {
      stats: ['overall_stats'],
      strategies: ['strategy_effectiveness', 'false_alarms'],
      patterns: ['failure_patterns'],
      predictions: ['predictions'],
      recommendations: ['recommendations', 'recommendation_details'],
      timeline: ['recent_timeline'],
    };
    for (const [part, names] of Object.entries(keys)) {
      const answer = (await ask(`${api}/${part}`)).json;
      expect(Object.keys(answer)).toEqual([
        'generated_at',
        'range',
        'filters',
        'other_windows',
        'not_filtered',
        ...names,
      ]);
      if (part !== 'strategies')
        for (const name of names) expect(answer[name]).toEqual(report[name]);
    }
    const { mttr } = (await ask(`${api}/mttr`)).json;
    expect(mttr).toMatchObject({ mttr_ms: report.mttr.mttr_ms, recovered: report.mttr.recovered });
    expect(mttr.over_time.length).toBeGreaterThan(0);
  });

  test('is of the range and the filters that it says', async () => {
    const answer = await ask(`${api}/stats?range=15m&strategy=Even&agent_id=agent-0`);

    expect(answer.json.range.requested).toBe('15m');
    expect(answer.json.filters).toEqual({ strategy: 'Even', agent_id: 'agent-0' });
    expect(answer.json.overall_stats.total_healings).toBe(10);
    const past = await ask(`${api}/stats?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z`);
    expect(past.json.overall_stats).toMatchObject({ total_healings: 0, success_rate: null });
  });

  test('is text where that is asked for', async () => {
    const { headers, text } = await ask(`${api}/report?format=text`);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text).toMatch(/OVERALL STATISTICS[^]*Total Healings: {7}40/);
  });

  test('lists as many attempts as are asked for, and the open incidents', async () => {
    expect((await ask(`${api}/timeline?limit=3`)).json.recent_timeline).toHaveLength(3);
    expect((await ask(`${api}/timeline`)).json.recent_timeline).toHaveLength(20);
    const { total, incidents } = (await ask(`${api}/incidents?state=open&failure_type=disk_full`))
      .json;
    expect([total, incidents[0].failure_id]).toEqual([1, 'open_1']);
  });

  test('names the strategy to try next', async () => {
    const answer = await ask(`${api}/strategies/best?failure_type=f0&severity=high&attempt=2`);
    expect(answer.json).toMatchObject({ failure_type: 'f0', based_on: 'failure_type' });
    expect(answer.json.candidates[0]).toMatchObject({ strategy: 'Even', attempts: 20 });
  });
});

describe('A question that is not well-formed is answered with what is wrong', () => {
  test.each([
    ['report?rang=1h', /expected one of range.*got "rang"; did you mean range\?/],
    ['report?range=1x', /range: expected a duration.*got "1x"/],
    ['report?range=1h&range=2h', /range: expected it once/],
    ['report?range=1h&from=2026-01-01T00:00:00Z', /range: expected either/],
    ['report?from=yesterday', /from: expected a time/],
    ['report?format=pdf', /format: expected one of json, text, got "pdf"/],
    ['stats?format=json', /query: expected one of/],
    ['stats?strategy=', /strategy: expected 1 to 200 characters/],
    ['stats?agent_id=a%22b', /agent_id: expected/],
    ['stats?source=%ff', undefined],
    ['timeline?limit=0', /limit: expected a whole number from 1 to 1000, got "0"/],
    ['timeline?limit=1001', /limit/],
    ['timeline?limit=ten', /limit/],
    ['incidents?state=closed', /state: expected open, got "closed"/],
    ['strategies/best', /failure_type: expected a failure type/],
    ['strategies/best?failure_type=', /failure_type/],
    ['strategies/best?failure_type=a&attempt=-1', /attempt/],
    ['strategies/best?failure_type=a&severity=bad', /severity: expected one of critical/],
    ['strategies/best?failure_type=a&range=1h', /query: expected one of failure_type/],
  ])('%s', async (path, message) => {
    const answer = await ask(`${api}/${path}`);
    expect(answer.status).toBe(message === undefined ? 200 : 400);
    if (message === undefined) return;
    expect(answer.json).toEqual({
      error: { code: 'invalid_request', message: expect.stringMatching(message) },
    });
  });

  test.each([['/nothing'], ['/api/v1/'], ['/api/v1/report/'], ['/METRICS'], ['/%'], ['/%00']])(
    '%s is nowhere',
    async (path) => {
      const answer = await ask(`${rig.url}${path}`);
      if (path === '/api/v1/report/') expect(answer.status).toBeLessThan(500);
      else expect([400, 404]).toContain(answer.status);
      if (answer.status === 404) expect(answer.json.error.code).toBe('not_found');
    },
  );

  test.each(['/', '/metrics', '/api/v1/report', '/livez', '/openapi.json'])(
    '%s is only to be read',
    async (path) => {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
        const answer = await ask(`${rig.url}${path}`, { method });
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
        expect(answer.json.error.code).toBe('method_not_allowed');
      }
      expect((await ask(`${rig.url}${path}`, { method: 'HEAD' })).status).toBe(200);
    },
  );

  test('whatever it is, it is never an error of ours', async () => {
    const paths = [
      'report',
      'stats',
      'mttr',
      'timeline',
      'incidents',
      'strategies/best',
      '%2e%2e',
      '',
    ];
    const names = [
      'range',
      'from',
      'to',
      'limit',
      'strategy',
      'failure_type',
      '__proto__',
      'format',
    ];
    const query = fc.array(fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary' })));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), query, async (path, pairs) => {
        const { href } = new URL(`${api}/${path}?${new URLSearchParams(pairs).toString()}`);
        const answer = await ask(href);
        expect([200, 400, 404]).toContain(answer.status);
      }),
      { numRuns: 200, seed: 20261123 },
    );
    expect(rig.entries.filter((entry) => entry.startsWith('error'))).toEqual([]);
  });
});

describe('Every answer', () => {
  test.each(['/', '/metrics', '/api/v1/report', '/livez', '/nothing', '/api/v1/stats?x=1'])(
    'of %s runs nothing and lets nobody frame or guess it',
    async (path) => {
      const { headers } = await ask(`${rig.url}${path}`);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  test('on the page shows what events said as text', async () => {
    await postLines(rig.url, [
      completion({ data: { failure_id: "a&'_1", strategy_used: "S&'b;" } }),
    ]);
    const { text, headers } = await ask(`${rig.url}/`);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain('S&#38;&#39;b;');
    expect(text).not.toContain("S&'b;");
  });
});

/** With every name in the path filled in. */
function named(path: string): string {
  return path.replaceAll(/\{\w+\}/g, 'x');
}

function isInQuery(parameter: Json): boolean {
  return parameter.in === 'query';
}

function isNeededInQuery(parameter: Json): boolean {
  return isInQuery(parameter) && parameter.required === true;
}

test('The best strategy goes by severity and attempt where they tell, and else by the type', async () => {
  const lines = Array.from({ length: 160 }, (_, i) =>
    completion({
      data: {
        failure_id: `context_${i}`,
        failure_type: 'by_context',
        severity: i % 2 === 0 ? 'critical' : 'low',
        strategy_used: i % 4 < 2 ? 'Calm' : 'Strong',
        // Each is good at one severity only.
        success: (i % 2 === 0) === i % 4 >= 2,
      },
    }),
  );
  await postLines(rig.url, lines);
  const best = `${api}/strategies/best?failure_type=by_context`;
  expect((await ask(`${best}&severity=critical&attempt=1`)).json).toMatchObject({
    strategy: 'Strong',
    based_on: 'severity_and_attempt',
    evidence: 'association',
  });
  expect((await ask(`${best}&severity=low&attempt=3`)).json).toMatchObject({
    strategy: 'Calm',
    based_on: 'severity',
  });
  expect((await ask(`${best}&severity=high`)).json).toMatchObject({
    strategy: null,
    verdict: 'insufficient',
    based_on: 'failure_type',
  });
});

describe('Tuning of a strategy', () => {
  test('tells parameters with their evidence, over a range where one is asked for', async () => {
    const { json } = await ask(`${api}/strategies/Even/tuning?range=1h`);
    expect(json).toMatchObject({ strategy: 'Even', range: { requested: '1h' } });
    expect(Object.keys(json.parameters)).toEqual([
      'retry_limit',
      'attempt_timeout_ms',
      'breaker_open_ms',
      'restart_cooldown_ms',
    ]);
    expect(json.parameters.attempt_timeout_ms).toMatchObject({
      value: null,
      verdict: 'insufficient',
      evidence: { successes: 13, window: '1h' },
    });
    const all = await rig.exporter.tuning('Even');
    expect(all.parameters.retry_limit.evidence).toMatchObject({ attempts_1: 20 });
    await expect(rig.exporter.tuning('a"b')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await ask(`${api}/strategies/a%22b/tuning`)).status).toBe(400);
    expect((await ask(`${api}/strategies/%ff/tuning`)).status).toBe(400);
  });
});

describe('The description of the interface', () => {
  test('is of the addresses that there are', async () => {
    const description = (await ask(`${rig.url}/openapi.json`)).json;
    expect(description.openapi).toBe('3.1.0');
    for (const [path, methods] of Object.entries<Json>(description.paths)) {
      const method = Object.keys(methods)[0] ?? '';
      const needs = methods[method].parameters?.filter(isNeededInQuery) ?? [];
      const query = needs.map((one: Json) => `${one.name}=x`).join('&');
      const answer = await ask(`${rig.url}${named(path)}?${query}`, {
        method: method.toUpperCase(),
      });
      expect([path, answer.status]).toEqual([path, method === 'post' ? 415 : 200]);
      const contentType = answer.headers.get('content-type')?.split(';')[0] ?? '';
      const response = methods[method].responses[method === 'post' ? 415 : 200];
      expect(Object.keys(response.content)).toContain(contentType);
    }
  });

  test('names every parameter that is taken', async () => {
    const description = (await ask(`${rig.url}/openapi.json`)).json;
    for (const [path, methods] of Object.entries<Json>(description.paths)) {
      const parameters = methods.get?.parameters?.filter(isInQuery) ?? [];
      for (const { name } of parameters) {
        const { json } = await ask(`${rig.url}${named(path)}?${name}=%22`);
        expect(json?.error?.message ?? '').not.toMatch(/^query: expected/);
      }
      if (!path.startsWith('/api/') || methods.get === undefined) continue;
      const { json } = await ask(`${rig.url}${named(path)}?unheard_of=1`);
      const known = /expected one of (.*), got/.exec(json.error.message)?.[1]?.split(', ') ?? [];
      const described = parameters.map((one: Json) => one.name);
      expect([path, [...known].sort()]).toEqual([path, [...described].sort()]);
    }
  });
});

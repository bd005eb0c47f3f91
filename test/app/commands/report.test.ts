import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExporterError } from '../../../src/core/errors.js';
import { fakeExporter, opening, runCommand } from './fake-io.js';

const REPORT = {
  generated_at: '2026-11-23T18:00:00Z',
  range: null,
  overall_stats: {
    total_failures: 410,
    total_healings: 400,
    success_rate: 0.7225,
    avg_healing_time_ms: 3067.645,
    mttr_ms: 2188.11,
    by_strategy: {},
    by_failure_type: {},
  },
  strategy_effectiveness: [
    { name: 'AgentRestartStrategy', success_rate: 0.925, trend: 'stable', recommendation: 'keep' },
    { name: 'Untried', success_rate: null, trend: 'stable', recommendation: 'keep' },
  ],
  failure_patterns: { most_common_failures: [{ type: 'agent', count: 158 }] },
  recommendations: ['Most common failure: agent (158 occurrences). Implement preventive measures.'],
  recent_timeline: [],
};

const TEXT = `======================================================================
                    HEALING ANALYTICS DASHBOARD
======================================================================

OVERALL STATISTICS
----------------------------------------------------------------------
Total Healings:       400
Success Rate:         72.2%
Avg Healing Time:     3068ms
MTTR:                 2188ms

STRATEGY EFFECTIVENESS
----------------------------------------------------------------------
AgentRestartStrategy            92.5%      stable  keep
Untried                           n/a      stable  keep

FAILURE PATTERNS
----------------------------------------------------------------------
  agent                            158 occurrences

RECOMMENDATIONS
----------------------------------------------------------------------
1. Most common failure: agent (158 occurrences). Implement preventive measures.

======================================================================
`;

function answering(status: number, body: unknown) {
  const requests: { url: string; headers: Headers }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    requests.push({ url: new Request(input).url, headers: new Headers(init?.headers) });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return { requests, fetch };
}

describe('of a running exporter', () => {
  test('the report is the terminal text of the original', async () => {
    const { requests, fetch } = answering(200, REPORT);
    expect(await runCommand(['report'], { fetch })).toEqual({ code: 0, stdout: TEXT, stderr: '' });
    expect(requests[0]?.url).toBe('http://127.0.0.1:9464/api/v1/report?format=json');
  });

  test('or its JSON as it came', async () => {
    const { fetch } = answering(200, REPORT);
    const { stdout } = await runCommand(['report', '--format', 'json'], { fetch });
    expect(JSON.parse(stdout)).toEqual(REPORT);
  });

  test('range and filters are passed on, escaped', async () => {
    const { requests, fetch } = answering(200, REPORT);
    const words = [
      'report',
      '--url=http://host:1/base/',
      '--range=1h',
      '--failure-type=a&b=c',
      '--agent-id',
      'x y',
    ];
    await runCommand(words, { fetch });
    const url = new URL(requests[0]?.url ?? '');
    expect(url.pathname).toBe('/base/api/v1/report');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      range: '1h',
      failure_type: 'a&b=c',
      agent_id: 'x y',
      format: 'json',
    });
  });

  test('credentials in the URL are sent as a header, and shown nowhere', async () => {
    const { requests, fetch } = answering(401, '');
    const { code, stderr } = await runCommand(['report', '--url=http://ann:p%40ss@host'], {
      fetch,
    });
    expect(requests[0]?.url).toBe('http://host/api/v1/report?format=json');
    const sent = requests[0]?.headers.get('authorization')?.slice('Basic '.length) ?? '';
    expect(Buffer.from(sent, 'base64').toString()).toBe('ann:p@ss');
    expect(code).toBe(69);
    expect(stderr).toContain('http://host: expected a report, got 401');
    expect(stderr).not.toMatch(/p@ss|p%40ss/);
  });

  test('nobody there ends with 69', async () => {
    const { code, stderr, stdout } = await runCommand(['report', '--url=http://127.0.0.1:1']);
    expect([code, stdout]).toEqual([69, '']);
    expect(stderr).toBe('error: http://127.0.0.1:1: no answer: connect ECONNREFUSED\n');
  });

  test('Ctrl-C while it waits ends with 130', async () => {
    const controller = new AbortController();
    const fetch: typeof globalThis.fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        controller.abort();
      });
    const { code } = await runCommand(['report'], { fetch, signal: controller.signal });
    expect(code).toBe(130);
  });

  test('a question that is wrong ends with 2 and the server’s own words', async () => {
    const body = {
      error: { code: 'invalid_range', message: 'range: expected a duration, got "soon"' },
    };
    const { fetch } = answering(400, body);
    const { code, stderr } = await runCommand(['report', '--range=soon'], { fetch });
    expect(code).toBe(2);
    expect(stderr).toContain('400: range: expected a duration, got "soon"');
  });

  test.each([
    [503, { error: { code: 'not_ready', message: 'recovering' } }, '503: recovering'],
    [200, '<html>', '200: "<html>"'],
    [404, '', 'got 404'],
  ])('%d with %j is no report', async (status, body, message) => {
    const { fetch } = answering(status, body);
    const { code, stderr } = await runCommand(['report'], { fetch });
    expect(code).toBe(69);
    expect(stderr).toContain(message);
  });

  test('what a server says cannot drive the terminal', async () => {
    const evil = { ...REPORT, recommendations: ['a\u001b[2Jb'] };
    const { stdout } = await runCommand(['report'], answering(200, evil));
    expect(stdout).toContain('1. a?[2Jb');
    expect(stdout).not.toContain('\u001b');
  });

  // Python rounds what lies halfway to the even digit; these are rates and times that do.
  test.each([
    [0.7225, 2188.5, '72.2%', '2188ms'],
    [0.7275, 2189.5, '72.8%', '2190ms'],
    [0.125, 0.5, '12.5%', '0ms'],
    [1, 1.5, '100.0%', '2ms'],
    [0.65, 0.4999, '65.0%', '0ms'],
  ])('%d and %d are rounded as the original rounds', async (rate, mttrMs, shownRate, shownMttr) => {
    const stats = { ...REPORT.overall_stats, success_rate: rate, mttr_ms: mttrMs };
    const { stdout } = await runCommand(
      ['report'],
      answering(200, { ...REPORT, overall_stats: stats }),
    );
    expect(stdout).toContain(`Success Rate:         ${shownRate}\n`);
    expect(stdout).toContain(`MTTR:                 ${shownMttr}\n`);
  });

  test('JSON that is no report is not shown as one', async () => {
    const { code, stderr, stdout } = await runCommand(['report'], answering(200, { a: 1 }));
    expect([code, stdout]).toEqual([70, '']);
    expect(stderr).toContain('report: overall_stats');
  });
});

describe('straight from a store', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'report-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('the exporter is opened, asked, and closed, without listening', async () => {
    writeFileSync(join(folder, 'events.db'), '');
    const exporter = fakeExporter({ report: async () => REPORT });
    const words = ['report', '--storage.path', folder, '--range=30d', '--strategy=S'];
    expect(await runCommand(words, opening(exporter))).toEqual({
      code: 0,
      stdout: TEXT,
      stderr: '',
    });
    expect(exporter.calls).toEqual(['report {"range":"30d","strategy":"S"}', 'close']);
  });

  test('it is closed also when the question is wrong', async () => {
    writeFileSync(join(folder, 'events.db'), '');
    const exporter = fakeExporter({
      report: async () => {
        throw new ExporterError('INVALID_REQUEST', 'range: expected a duration');
      },
    });
    const { code } = await runCommand(
      ['report', `--storage.path=${folder}`, '--range=x'],
      opening(exporter),
    );
    expect(code).toBe(2);
    expect(exporter.calls.at(-1)).toBe('close');
  });

  test('a store that is not there is not made by reading it', async () => {
    const { opened, openExporter } = opening(fakeExporter());
    const path = join(folder, 'gone');
    const { code, stderr } = await runCommand(['report', `--storage.path=${path}`], {
      openExporter,
    });
    expect(code).toBe(74);
    expect(stderr).toContain(join(path, 'events.db'));
    expect(opened).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  test('one that a server holds ends with 1', async () => {
    writeFileSync(join(folder, 'events.db'), '');
    const openExporter = async (): Promise<never> => {
      throw new ExporterError('STORE_LOCKED', 'held by process 4711');
    };
    const { code, stderr } = await runCommand(['report', `--storage.path=${folder}`], {
      openExporter,
    });
    expect([code, stderr]).toEqual([1, 'error: held by process 4711\n']);
  });

  test('an address that only serve would refuse does not matter', async () => {
    writeFileSync(join(folder, 'events.db'), '');
    const exporter = fakeExporter({ report: async () => REPORT });
    const env = { SELFHEALER_WEB_LISTEN_ADDRESS: ':9464', SELFHEALER_SOURCES_FILES: 'x.ndjson' };
    const { opened, openExporter } = opening(exporter);
    const { code } = await runCommand(['report', `--storage.path=${folder}`], {
      openExporter,
      env,
    });
    expect(code).toBe(0);
    expect(opened[0]?.config.sources.files).toEqual([]);
  });
});

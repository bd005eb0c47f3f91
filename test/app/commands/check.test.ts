import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExporterError } from '../../../src/core/errors.js';
import { runCommand } from './fake-io.js';

let data = '';
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), 'check-test-')), 'data');
});
afterEach(() => rmSync(join(data, '..'), { recursive: true }));

function makeStore(): void {
  mkdirSync(data);
  writeFileSync(join(data, 'events.db'), '');
}

const whole = async () => ({ events: 12, findings: [] });
const answering = (status: number, body = '') => {
  const urls: string[] = [];
  const fetch: typeof globalThis.fetch = async (input) => {
    urls.push(new Request(input).url);
    return new Response(body, { status });
  };
  return { urls, fetch };
};

describe('on a machine where nothing runs yet', () => {
  test('a valid configuration is enough', async () => {
    const env = { SELFHEALER_STORAGE_PATH: data };
    expect(await runCommand(['check'], { env })).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'ok      configuration: valid',
        `ok      store: none yet at ${join(data, 'events.db')}; serve makes it`,
        'ok      server: none runs at http://127.0.0.1:9464 (with --url it would have to)',
        '',
      ].join('\n'),
    });
  });

  test('one that makes alerts blind is valid, and says so', async () => {
    const words = ['check', '--metrics.disable=selfhealer_up'];
    const { code, stdout } = await runCommand(words, { env: { SELFHEALER_STORAGE_PATH: data } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warn {4}rules: .*these alerts read: SelfHealerSourceSilent$/m);
  });

  test('a bad one fails with every problem', async () => {
    const { code, stdout } = await runCommand(['check', '--log.level=loud', '--nope']);
    expect(code).toBe(1);
    expect(stdout).toContain('failed  configuration: unknown flag "--nope"');
    expect(stdout).toContain('failed  configuration: log.level: expected one of');
  });
});

describe('the store', () => {
  test('that is whole is said to be', async () => {
    makeStore();
    const { code, stdout } = await runCommand(['check', '--storage.path', data], {
      checkStore: whole,
    });
    expect(code).toBe(0);
    expect(stdout).toContain(`ok      store: ${join(data, 'events.db')} is whole, 12 events`);
    expect(stdout).not.toContain('server');
  });

  test('that is not fails with a sentence for each finding', async () => {
    makeStore();
    const checkStore = async () => ({
      events: 12,
      findings: ['event 7: checksum differs', 'event 9 is missing'],
    });
    const { code, stdout } = await runCommand(['check', `--storage.path=${data}`], { checkStore });
    expect(code).toBe(1);
    expect(stdout).toContain(
      'failed  store: event 7: checksum differs\nfailed  store: event 9 is missing\n',
    );
  });

  test('that somebody else holds fails, naming who', async () => {
    makeStore();
    const checkStore = async (): Promise<never> => {
      throw new ExporterError('STORE_LOCKED', 'held by process 4711');
    };
    const { code, stdout } = await runCommand(['check', `--storage.path=${data}`], { checkStore });
    expect(code).toBe(1);
    expect(stdout).toContain('failed  store: held by process 4711');
  });

  test('is left alone while its server runs', async () => {
    makeStore();
    const env = { SELFHEALER_STORAGE_PATH: data };
    const { urls, fetch } = answering(200);
    const { code, stdout } = await runCommand(
      ['check', '--web.listen-address=:0', '--web.insecure-no-auth'],
      { env, fetch },
    );
    expect(code).toBe(0);
    expect(stdout).toContain('ok      store: in use by the running server');
    expect(urls).toEqual(['http://127.0.0.1:0/readyz']);
  });
});

describe('the server', () => {
  test('that is ready is said to be', async () => {
    const { urls, fetch } = answering(200);
    const { code, stdout } = await runCommand(['check', '--url=http://host:1/'], { fetch });
    expect([code, urls]).toEqual([0, ['http://host:1/readyz']]);
    expect(stdout).toContain('ok      server: http://host:1 is ready');
    expect(stdout).not.toContain('store');
  });

  test('that is not ready fails', async () => {
    const body = JSON.stringify({
      error: { code: 'not_ready', message: 'recovering from the log' },
    });
    const { code, stdout } = await runCommand(
      ['check', '--url=http://host:1'],
      answering(503, body),
    );
    expect(code).toBe(1);
    expect(stdout).toContain(
      'failed  server: http://host:1/readyz: expected 200, got 503: recovering from the log',
    );
  });

  test('that does not answer fails when it was named', async () => {
    const { code, stdout } = await runCommand(['check', '--url=http://127.0.0.1:1']);
    expect(code).toBe(1);
    expect(stdout).toContain('failed  server: nothing answers at http://127.0.0.1:1');
  });
});

import { describe, expect, test, vi } from 'vitest';
import { ExporterError } from '../../../src/core/errors.js';
import { fakeExporter, opening, runCommand } from './fake-io.js';

/** Asks the process to end as soon as it has said that it listens. */
function untilListening() {
  const controller = new AbortController();
  const onStderr = (text: string): void => {
    if (text.includes('"listening"')) controller.abort();
  };
  return { signal: controller.signal, onStderr };
}

const messages = (stderr: string): string[] =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).msg);

describe('serve', () => {
  test('opens, listens, says where, and after a signal closes and ends with 0', async () => {
    const exporter = fakeExporter();
    const { opened, openExporter } = opening(exporter);
    const words = ['serve', '--storage.path=/x', '--web.listen-address', '127.0.0.1:0'];
    const { code, stdout, stderr } = await runCommand(words, { openExporter, ...untilListening() });
    expect([code, stdout]).toEqual([0, '']);
    expect(exporter.calls).toEqual(['listen', 'close']);
    expect(messages(stderr)).toEqual(['listening', 'stopping', 'stopped']);
    expect(JSON.parse(stderr.split('\n')[0] ?? '')).toMatchObject({
      level: 'info',
      url: 'http://127.0.0.1:9464',
      metrics: 'http://127.0.0.1:9464/metrics',
    });
    expect(opened[0]?.config.storage.database).toBe('/x/events.db');
  });

  test('a configuration error opens nothing and ends with 78', async () => {
    const { opened, openExporter } = opening(fakeExporter());
    const { code, stderr } = await runCommand(['serve', '--web.listen-address=:1'], {
      openExporter,
    });
    expect(code).toBe(78);
    expect(stderr).toContain('web.insecure_no_auth');
    expect(opened).toEqual([]);
  });

  test('a store that another process holds ends with 1 and names it', async () => {
    const openExporter = async (): Promise<never> => {
      throw new ExporterError('STORE_LOCKED', 'data/events.db: held by process 4711');
    };
    const { code, stderr } = await runCommand(['serve'], { openExporter });
    expect([code, stderr]).toEqual([1, 'error: data/events.db: held by process 4711\n']);
  });

  test('a port that is taken closes what was opened', async () => {
    const exporter = fakeExporter({
      listen: async () => {
        throw new ExporterError('SOURCE_FAILED', '127.0.0.1:9464: address in use');
      },
    });
    const { code, stderr } = await runCommand(['serve'], opening(exporter));
    expect(code).toBe(74);
    expect(stderr).toContain('address in use');
    expect(exporter.calls).toEqual(['listen', 'close']);
  });

  test('an exporter that cannot go on ends the process with the reason', async () => {
    const failed = Promise.resolve(new ExporterError('STORE_FAILED', 'fsync: EIO'));
    const exporter = fakeExporter({ failed });
    const { code, stderr } = await runCommand(['serve'], opening(exporter));
    expect(code).toBe(74);
    expect(stderr).toContain('error: fsync: EIO');
    expect(exporter.calls).toEqual(['listen', 'close']);
  });

  test('a signal before it listens never opens the port', async () => {
    const exporter = fakeExporter();
    const signal = AbortSignal.abort();
    const { code } = await runCommand(['serve'], { ...opening(exporter), signal });
    expect(code).toBe(0);
    expect(exporter.calls).toEqual(['close']);
  });

  test('closing that hangs is given up before whoever waits kills', async () => {
    vi.useFakeTimers();
    try {
      const exporter = fakeExporter({ close: () => new Promise(() => undefined) });
      const running = runCommand(['serve'], { ...opening(exporter), ...untilListening() });
      await vi.advanceTimersByTimeAsync(9999);
      const { code, stderr } = await running;
      expect(code).toBe(70);
      expect(stderr).toContain('nothing acknowledged is lost');
    } finally {
      vi.useRealTimers();
    }
  });

  test('open doors and passwords in the clear are warned of', async () => {
    const words = ['serve', '--web.listen-address=:0', '--web.insecure-no-auth'];
    const { stderr } = await runCommand(words, { ...opening(fakeExporter()), ...untilListening() });
    expect(messages(stderr)).toContainEqual(expect.stringContaining('web.insecure_no_auth is set'));
  });

  test('says which alerts read what is switched off', async () => {
    const words = ['serve', '--metrics.disable=selfhealer_up'];
    const { stderr } = await runCommand(words, { ...opening(fakeExporter()), ...untilListening() });
    expect(messages(stderr)).toContainEqual(expect.stringContaining('metrics.disable takes away'));
    expect(stderr).toContain('SelfHealerSourceSilent');
  });

  test('the log obeys the configuration', async () => {
    const exporter = fakeExporter();
    const { opened, openExporter } = opening(exporter);
    const words = ['serve', '--log.level=debug', '--log.format=text'];
    const controller = new AbortController();
    const onStderr = (): void => controller.abort();
    const { stderr } = await runCommand(words, {
      openExporter,
      signal: controller.signal,
      onStderr,
    });
    expect(stderr).toMatch(/^2026-11-23T00:00:00\.000Z INFO {2}listening url=http:/);
    opened[0]?.log('debug', 'shown');
  });
});

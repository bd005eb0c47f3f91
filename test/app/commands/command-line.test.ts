import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/app/commands/command-line.js';
import { ERROR_CODES, ExporterError } from '../../../src/core/errors.js';
import { exitCodeOf } from '../../../src/app/exit-codes.js';
import { runCommand } from './fake-io.js';

describe('help', () => {
  test('without a command it is on stderr, and that is wrong usage', async () => {
    const { code, stdout, stderr } = await runCommand([]);
    expect([code, stdout]).toEqual([2, '']);
    for (const { name, summary } of COMMANDS)
      expect(stderr).toContain(`${name.padEnd(12)}  ${summary}`);
  });

  test.each([['--help'], ['-h'], ['help']])('%s is on stdout', async (word) => {
    expect(await runCommand([word])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('Usage: selfhealer-exporter COMMAND'),
    });
  });

  test.each(COMMANDS.map(({ name }) => name))('%s has its own', async (name) => {
    const words = name.split(' ');
    const asked = await runCommand([...words, '--help']);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout).toContain(`Usage: selfhealer-exporter ${name}`);
    expect(await runCommand(['help', ...words])).toEqual(asked);
    expect(await runCommand([...words, '--whatever', '-h'])).toEqual(asked);
  });

  test('serve lists every setting with its default', async () => {
    const { stdout } = await runCommand(['serve', '--help']);
    expect(stdout).toMatch(/--web\.listen-address +an address .*\(default 127\.0\.0\.1:9464\)/);
    expect(stdout).toContain('--config.file');
  });

  test('the version is that of the package', async () => {
    expect(await runCommand(['--version'])).toEqual({
      code: 0,
      stdout: 'selfhealer-exporter 1.2.3\n',
      stderr: '',
    });
  });
});

describe('wrong usage ends with 2 and says what is wrong', () => {
  test.each([
    [['reprot'], 'got "reprot"; did you mean report?'],
    [['config'], 'got "config"'],
    [['config', 'prnt'], 'got "config prnt"; did you mean config print?'],
    [['serve', 'now'], 'serve: expected no operand, got "now"'],
    [['import'], 'import: expected one operand, got nothing'],
    [['import', 'a', 'b'], 'import: expected one operand, got "b"'],
    [['report', '--rnage=1h'], 'report: unknown flag "--rnage"; did you mean --range?'],
    [['report', '--range'], '--range: expected a value, got nothing'],
    [['report', '--range='], '--range: expected a value, got nothing'],
    [['report', '--range=1h', '--range', '2h'], '--range: expected it once'],
    [['report', '--format=yaml'], '--format: expected text or json, got "yaml"'],
    [
      ['report', '--url=ftp://x'],
      '--url: expected a URL such as http://127.0.0.1:9464, got "ftp://x"',
    ],
    [
      ['report', '--url=http://x', '--storage.path=y'],
      'expected --url or --storage.path, got both',
    ],
    [['report', '--log.level=debug'], 'unknown flag "--log.level"'],
    [['report', '--config.file=x'], '--config.file is for use with --storage.path'],
    [['check', '--url=nonsense'], '--url: expected a URL'],
  ])('%j', async (words, message) => {
    const { code, stderr, stdout } = await runCommand(words);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: /);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('exit codes', () => {
  test('every error has one', () => {
    const codes = ERROR_CODES.map((code) => [code, exitCodeOf(new ExporterError(code, ''))]);
    expect(Object.fromEntries(codes)).toEqual({
      CONFIG_INVALID: 78,
      USAGE: 2,
      STORE_LOCKED: 1,
      STORE_CORRUPT: 65,
      STORE_FULL: 74,
      STORE_FAILED: 74,
      STORE_CLOSED: 70,
      SERVER_UNREACHABLE: 69,
      SOURCE_FAILED: 74,
      INVALID_REQUEST: 2,
      INTERNAL: 70,
    });
    expect(exitCodeOf(new Error('x'))).toBe(70);
    expect(exitCodeOf('x')).toBe(70);
  });
});

describe('config print', () => {
  test('prints what is in force', async () => {
    const env = { SELFHEALER_LOG_LEVEL: 'warn' };
    const { code, stdout } = await runCommand(['config', 'print', '--queue.capacity', '1MiB'], {
      env,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('level: "warn" # environment SELFHEALER_LOG_LEVEL');
    expect(stdout).toContain('capacity: "1MiB" # flag --queue.capacity');
  });

  test('a bad configuration ends with 78 and every problem', async () => {
    const { code, stdout, stderr } = await runCommand([
      'config',
      'print',
      '--nope',
      '--log.level=loud',
    ]);
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain('unknown flag "--nope"');
    expect(stderr).toContain('log.level: expected one of');
  });
});

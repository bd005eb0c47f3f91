import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/app/config/config.js';
import { printConfig } from '../../../src/app/config/print.js';

const HASH = '$2b$10$abcdefghijklmnopqrstuuXf0rmYTYp3lTRdYx0tZxBhK0xKDUfJy';

function print(argv: readonly string[], files: Record<string, string> = {}, env = {}) {
  const result = readConfig({ argv, env, readFile: (path) => files[path] ?? '' });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return { config: result.config, text: printConfig(result.config, result.values) };
}

describe('config print', () => {
  test('says of each value where it came from', () => {
    const files = { 'x.yml': 'storage:\n  path: /data\n' };
    const env = { SELFHEALER_QUEUE_CAPACITY: '1MiB' };
    const { text } = print(['--config.file=x.yml', '--log.level=debug'], files, env);
    expect(text).toBe(
      [
        'web:',
        '  listen_address: "127.0.0.1:9464" # default',
        '  config:',
        '    file: null # default',
        '  insecure_no_auth: false # default',
        'storage:',
        '  path: "/data" # x.yml:2',
        '  retention_age: "400d" # default',
        '  retention_size: "10GiB" # default',
        'analysis:',
        '  interval: "15s" # default',
        '  incident_timeout: "24h" # default',
        '  false_alarms:',
        '    per_strategy: "1 in 30d" # default',
        '    fleet: "1 in 1d" # default',
        'sources:',
        '  files: [] # default',
        'metrics:',
        '  opt_in: [] # default',
        '  disable: [] # default',
        '  drop_labels: {} # default',
        '  label_sets_max: {} # default',
        '  buckets: {} # default',
        '  created_series: false # default',
        'queue:',
        '  capacity: "1MiB" # environment SELFHEALER_QUEUE_CAPACITY',
        'otlp:',
        '  endpoint: null # default',
        '  protocol: null # default',
        '  interval: null # default',
        '  temporality: null # default',
        'log:',
        '  level: "debug" # flag --log.level',
        '  format: "auto" # default',
        '',
      ].join('\n'),
    );
  });

  test('what it prints is a file that means the same, whatever the values hold', () => {
    const path = fc
      .string({ minLength: 1 })
      .filter((text) => text.trim() !== '' && !text.includes('\0'));
    fc.assert(
      fc.property(path, fc.array(path, { maxLength: 3 }), (store, tails) => {
        const files = tails.map((tail) => `--sources.files=${JSON.stringify([{ path: tail }])}`);
        const { config, text } = print([`--storage.path=${store}`, ...files]);
        expect(print(['--config.file=x'], { x: text }).config).toEqual(config);
      }),
    );
  });

  test('users are named, their hashes are not shown', () => {
    const { text } = print(['--web.config.file=w'], { w: `basic_auth_users: {ann: "${HASH}"}` });
    expect(text).toContain('# user "ann": password hash not shown');
    expect(text).not.toContain('$2b$');
  });

  test('a line feed in the name of a file does not end the comment', () => {
    const name = 'a\nlog: {level: error}\n#';
    const { text } = print([`--config.file=${name}`], { [name]: 'storage: {path: x}' });
    expect(text.match(/^log:/gm)).toHaveLength(1);
    expect(text).toContain('# a?log');
  });
});

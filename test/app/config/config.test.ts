import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  loadConfig,
  parseConfigObject,
  readConfig,
  type ConfigOptions,
} from '../../../src/app/config/config.js';
import { describeProblem } from '../../../src/app/config/problem.js';
import { SETTINGS } from '../../../src/app/config/settings.js';
import { isExporterError } from '../../../src/core/errors.js';

interface Places {
  readonly argv?: readonly string[];
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
}

function places({ argv = [], env = {}, files = {} }: Places) {
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
    return text;
  };
  return { argv, env, readFile };
}

const load = (given: Places) => loadConfig(places(given));
const yaml = (text: string): Places => ({
  argv: ['--config.file=x.yml'],
  files: { 'x.yml': text },
});

function problems(given: Places): string[] {
  const result = readConfig(places(given));
  return result.ok ? [] : result.problems.map(describeProblem);
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(isExporterError(error, 'CONFIG_INVALID')).toBe(true);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('expected it to be refused');
}

const noFiles = (path: string): string => {
  throw new Error(`no file ${path}`);
};

describe('defaults', () => {
  test('nothing given is a valid configuration, on loopback, with the store in ./data', () => {
    expect(load({})).toEqual({
      web: {
        listen: { host: '127.0.0.1', port: 9464 },
        access: { tls: undefined, users: new Map() },
        insecureNoAuth: false,
      },
      storage: {
        database: 'data/events.db',
        retentionAgeMs: 400 * 86_400_000,
        retentionSizeBytes: 10 * 2 ** 30,
      },
      analysis: {
        intervalMs: 15_000,
        incidentTimeoutMs: 86_400_000,
        falseAlarms: { perStrategyDays: 30, fleetDays: 1 },
      },
      sources: { files: [] },
      metrics: {
        optIns: [],
        control: {
          disabled: [],
          droppedLabels: {},
          labelSetsMax: {},
          buckets: {},
        },
        createdSeries: false,
      },
      queue: { capacityBytes: 64 * 2 ** 20 },
      otlp: { endpoint: undefined, protocol: undefined, intervalMs: undefined },
      log: { level: 'info', format: 'auto' },
    });
  });

  test('every setting has spellings of its own', () => {
    for (const spelling of ['key', 'flag', 'env'] as const) {
      expect(new Set(SETTINGS.map((setting) => setting[spelling])).size).toBe(SETTINGS.length);
    }
  });
});

describe('the three places', () => {
  /** A value for each setting that is not its default. */
  const OTHER: Record<string, unknown> = {
    'web.listen_address': '[::1]:9999',
    'web.config.file': 'web.yml',
    'web.insecure_no_auth': true,
    'storage.path': '/var/lib/x',
    'storage.retention_age': '30d',
    'storage.retention_size': '1GB',
    'analysis.interval': '1m',
    'analysis.incident_timeout': '2h',
    'analysis.false_alarms.per_strategy': '1 in 90d',
    'analysis.false_alarms.fleet': 'one false alarm a month',
    'sources.files': [{ path: '/a b.ndjson', source: '/swarms/alpha' }, { path: 'c' }],
    'queue.capacity': '1MiB',
    'metrics.opt_in': ['agents'],
    'metrics.disable': ['selfhealer_up'],
    'metrics.drop_labels': { selfhealer_healing_attempts_total: ['failure_type'] },
    'metrics.label_sets_max': { selfhealer_healing_attempts_total: 10 },
    'metrics.buckets': { selfhealer_incident_attempts: [1, 2] },
    'metrics.created_series': true,
    'otlp.endpoint': 'http://127.0.0.1:4318',
    'otlp.protocol': 'http/json',
    'otlp.interval': '10s',
    'otlp.temporality': 'delta',
    'log.level': 'debug',
    'log.format': 'json',
  };
  const files = { 'web.yml': '' };
  const asText = (value: unknown): string => {
    return typeof value === 'string' ? value : JSON.stringify(value);
  };

  test.each(SETTINGS)(
    '$key means the same as flag, variable and key',
    ({ key, flag, env, path }) => {
      const value = OTHER[key];
      expect(value).toBeDefined();
      const tree = path.reduceRight((inner, name) => ({ [name]: inner }), value);
      const byFlag = load({ argv: [`${flag}=${asText(value)}`], files });
      expect(byFlag).toEqual(load({ env: { [env]: asText(value) }, files }));
      const text = JSON.stringify(tree);
      expect(byFlag).toEqual(load({ argv: ['--config.file=x'], files: { ...files, x: text } }));
      if (key !== 'web.config.file') expect(byFlag).not.toEqual(load({}));
    },
  );

  test('a flag wins over the environment, the environment over the file', () => {
    const file = yaml('log: {level: error, format: json}\nqueue: {capacity: 2MiB}');
    const env = { SELFHEALER_LOG_LEVEL: 'warn', SELFHEALER_LOG_FORMAT: 'text' };
    const { log, queue } = load({
      ...file,
      env,
      argv: ['--log.level=debug', '--config.file=x.yml'],
    });
    expect(log).toEqual({ level: 'debug', format: 'text' });
    expect(queue.capacityBytes).toBe(2 * 2 ** 20);
  });

  test('the file may be named by the environment', () => {
    const given = {
      env: { SELFHEALER_CONFIG_FILE: 'x.yml' },
      files: { 'x.yml': 'log: {level: warn}' },
    };
    expect(load(given).log.level).toBe('warn');
  });

  test('a flag takes its value behind = or as the next word, a boolean needs none', () => {
    const argv = ['--log.level', 'warn', '--web.insecure-no-auth', '--web.listen-address', ':0'];
    expect(load({ argv })).toMatchObject({
      log: { level: 'warn' },
      web: { insecureNoAuth: true, listen: { host: undefined, port: 0 } },
    });
  });

  test('a repeated list flag adds up, a path alone is a file whose lines bring their source', () => {
    const argv = ['--sources.files=a.ndjson', '--sources.files={path: b, source: /s}'];
    expect(load({ argv }).sources.files).toEqual([
      { path: 'a.ndjson', source: undefined },
      { path: 'b', source: '/s' },
    ]);
  });

  test('an empty variable and a null in the file are as if they were not there', () => {
    expect(
      load({ ...yaml('storage:\nlog:\n  level:\n'), env: { SELFHEALER_LOG_FORMAT: '' } }),
    ).toEqual(load({}));
    expect(load(yaml(''))).toEqual(load({}));
  });

  test('variables that Kubernetes sets for a service of our name are not ours', () => {
    const env = {
      SELFHEALER_EXPORTER_SERVICE_HOST: '10.0.0.7',
      SELFHEALER_EXPORTER_SERVICE_PORT: '9464',
      SELFHEALER_EXPORTER_SERVICE_PORT_HTTP: '9464',
      SELFHEALER_EXPORTER_PORT: 'tcp://10.0.0.7:9464',
      SELFHEALER_EXPORTER_PORT_9464_TCP: 'tcp://10.0.0.7:9464',
      SELFHEALER_EXPORTER_PORT_9464_TCP_ADDR: '10.0.0.7',
      SELFHEALER_SERVICE_HOST: '10.0.0.7',
    };
    expect(load({ env })).toEqual(load({}));
  });
});

describe('problems', () => {
  test('all come at once, each with its key, where it stands, what was wanted and what was got', () => {
    const file = yaml(
      [
        'web:',
        '  listen_adress: ":9"',
        'storage:',
        '  retention_size: 3',
        'sources:',
        '  files:',
        '    - a.ndjson',
        '    - path: b',
        '      source: "a,b"',
        'log: loud',
      ].join('\n'),
    );
    const argv = ['--config.file=x.yml', '--log.level=loud', '--storage.retntion-age=3d'];
    const env = { SELFHEALER_QUEUE_CAPASITY: '3', SELFHEALER_ANALYSIS_INTERVAL: 'soon' };
    expect(problems({ ...file, argv, env })).toEqual([
      'unknown flag "--storage.retntion-age"; did you mean --storage.retention-age? (flag --storage.retntion-age)',
      'unknown variable "SELFHEALER_QUEUE_CAPASITY"; did you mean SELFHEALER_QUEUE_CAPACITY? (environment SELFHEALER_QUEUE_CAPASITY)',
      'web.listen_adress: unknown key; did you mean web.listen_address? (x.yml:2)',
      'log: expected a group with log.level, log.format, got "loud" (x.yml:10)',
      'storage.retention_size: expected a size such as 64MiB or 10GB, 1MiB to 64TiB, got 3 (x.yml:4)',
      'analysis.interval: expected a duration such as 15s or 1h30m, 100ms to 1h, got "soon" (environment SELFHEALER_ANALYSIS_INTERVAL)',
      'sources.files[1].source: expected a source name such as /swarms/alpha, got "a,b" (x.yml:9)',
      'log.level: expected one of debug, info, warn, error, got "loud" (flag --log.level)',
    ]);
  });

  test('loadConfig throws them as one CONFIG_INVALID', () => {
    const message = refusal(() => load({ argv: ['--log.level=loud', '--nope'] }));
    expect(message).toMatch(/^configuration: 2 problems\n {2}unknown flag "--nope"/);
    expect(message).toContain('log.level: expected one of debug, info, warn, error, got "loud"');
  });

  test.each([
    ['--log.level', 'log.level: expected one of debug, info, warn, error, got nothing'],
    ['--web.insecure-no-auth=maybe', 'web.insecure_no_auth: expected true or false, got "maybe"'],
    ['--storage.path=', 'storage.path: expected a path, got ""'],
    ['--sources.files=[', 'sources.files: expected a list of {path, source}, got "["'],
    ['--sources.files=[{file: x}]', 'sources.files[0].path: expected a path, got nothing'],
    ['--sources.files=[{path: x, extra: 1}]', 'sources.files[0]: unknown key'],
    [
      '--analysis.interval=2h',
      'analysis.interval: expected a duration such as 15s or 1h30m, 100ms to 1h',
    ],
    [
      '--analysis.false-alarms.fleet=seldom',
      'analysis.false_alarms.fleet: expected how often, such as 1 in 30d, 2 a week or one a month, ' +
        'got "seldom"',
    ],
    ['--analysis.false-alarms.fleet=0 in 30d', 'expected how often, such as 1 in 30d'],
    ['--analysis.false-alarms.per-strategy=1 in 5m', 'expected how often, such as 1 in 30d'],
    ['--web.listen_address=:1', 'did you mean --web.listen-address?'],
    ['loose', 'unknown flag "loose"'],
  ])('%s', (flag, message) => {
    expect(problems({ argv: [flag] }).join('\n')).toContain(message);
  });

  test('the same flag twice is one too many', () => {
    expect(problems({ argv: ['--log.level=warn', '--log.level=info'] })).toEqual([
      'log.level: expected the flag once, got it again (flag --log.level)',
    ]);
  });

  test('a file that cannot be read does not hide the other problems', () => {
    expect(problems({ argv: ['--config.file=gone.yml', '--log.level=loud'] })).toEqual([
      "config.file: expected a file that can be read, got ENOENT: no such file, open 'gone.yml' (flag --config.file)",
      'log.level: expected one of debug, info, warn, error, got "loud" (flag --log.level)',
    ]);
  });

  test.each([
    ['broken YAML', 'log: [', /^expected YAML: .+ \(x\.yml:\d\)$/],
    ['the same key twice', 'log: {level: warn}\nlog: {level: info}', /unique.*\(x\.yml:[12]\)$/],
    [
      'a list instead of groups',
      '- a',
      /^expected a group with web\.listen_address.*got an array of 1/,
    ],
    ['__proto__', '{"__proto__": {"level": 1}}', /^__proto__: unknown key/],
    ['constructor', 'constructor: 1', /^constructor: unknown key/],
  ])('%s', (_, text, message) => {
    expect(problems(yaml(text))[0]).toMatch(message);
  });

  test('aliases that unfold into billions are refused, quickly', () => {
    const levels = Array.from({ length: 12 }, (_, i) => {
      const aliases = Array.from({ length: 10 }, () => `*a${i}`).join(',');
      return `a${i + 1}: &a${i + 1} [${aliases}]`;
    });
    const text = ['a0: &a0 [x]', ...levels].join('\n');
    expect(problems(yaml(text))[0]).toMatch(/^expected YAML: .*alias/i);
  });

  test('no file, flag or variable makes it throw anything but CONFIG_INVALID', () => {
    const words = fc.oneof(
      fc.string(),
      fc.constantFrom(...SETTINGS.flatMap(({ flag }) => [flag, `${flag}=`, `${flag}=1`])),
    );
    const given = fc.record({
      argv: fc.array(words, { maxLength: 6 }),
      env: fc.dictionary(
        fc.string().map((s) => `SELFHEALER_${s}`),
        fc.string(),
        { maxKeys: 3 },
      ),
      text: fc.oneof(fc.string(), fc.json()),
    });
    fc.assert(
      fc.property(given, ({ argv, env, text }) => {
        const files = { x: text };
        const result = readConfig(places({ argv: ['--config.file=x', ...argv], env, files }));
        if (result.ok) expect(result.config.web.listen).toBeDefined();
        else expect(result.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('an address that others can reach', () => {
  const HASH = '$2b$10$abcdefghijklmnopqrstuuXf0rmYTYp3lTRdYx0tZxBhK0xKDUfJy';
  const OPEN = ['--web.listen-address=0.0.0.0:9464'];

  test('is refused without users, naming the key that allows it', () => {
    const [problem] = problems({ argv: OPEN });
    expect(problem).toMatch(
      /^web\.listen_address: expected a loopback address.*got "0\.0\.0\.0:9464"/,
    );
    expect(problem).toContain('web.insecure_no_auth: true');
    expect(problem).toContain('SELFHEALER_WEB_INSECURE_NO_AUTH=true');
    expect(problem).toContain('web.config.file');
  });

  test.each([':9464', '[::]:9464', '192.168.1.2:9464', 'example.org:9464'])('%s too', (address) => {
    expect(problems({ env: { SELFHEALER_WEB_LISTEN_ADDRESS: address } })).toHaveLength(1);
  });

  test('is said beside other problems, not after them', () => {
    expect(problems({ argv: [...OPEN, '--log.level=loud'] })).toHaveLength(2);
  });

  test('is taken with users, or when somebody says so', () => {
    const files = { 'web.yml': `basic_auth_users: {ann: "${HASH}"}` };
    expect(problems({ argv: [...OPEN, '--web.config.file=web.yml'], files })).toEqual([]);
    expect(problems({ argv: [...OPEN, '--web.insecure-no-auth'] })).toEqual([]);
  });

  test('is nobody’s concern where nothing listens', () => {
    expect(readConfig({ ...places({ argv: OPEN }), listens: false }).ok).toBe(true);
  });
});

describe('options of an embedding application', () => {
  test('are the same settings in camelCase', () => {
    const options: ConfigOptions = {
      web: { listenAddress: ':9464', insecureNoAuth: true },
      storage: { path: '/x', retentionAge: '30d', retentionSize: 2 ** 30 },
      analysis: { incidentTimeout: '1h', falseAlarms: { perStrategy: '2 a week' } },
      sources: { files: ['a', { path: 'b', source: '/s' }] },
    };
    expect(parseConfigObject(options, noFiles)).toMatchObject({
      web: { listen: { host: undefined, port: 9464 }, insecureNoAuth: true },
      storage: {
        database: '/x/events.db',
        retentionAgeMs: 30 * 86_400_000,
        retentionSizeBytes: 2 ** 30,
      },
      analysis: {
        intervalMs: 15_000,
        incidentTimeoutMs: 3_600_000,
        falseAlarms: { perStrategyDays: 3.5, fleetDays: 1 },
      },
      sources: {
        files: [
          { path: 'a', source: undefined },
          { path: 'b', source: '/s' },
        ],
      },
    });
  });

  test('the store may be a file of its own, or memory', () => {
    const at = (store: ConfigOptions['store']) =>
      parseConfigObject({ store }, noFiles).storage.database;
    expect(at({ path: 'healing.db' })).toBe('healing.db');
    expect(at('memory')).toBeUndefined();
    expect(at(undefined)).toBe('data/events.db');
  });

  test('have the same messages, in their own spelling', () => {
    const options: object = {
      web: { listenAddres: ':0', insecureNoAuth: 'yes' },
      analysis: { interval: 15 },
    };
    expect(refusal(() => parseConfigObject(options, noFiles))).toBe(
      [
        'configuration: 3 problems',
        '  web.listenAddres: unknown key; did you mean web.listenAddress? (option)',
        '  web.insecureNoAuth: expected true or false, got "yes" (option)',
        '  analysis.interval: expected a duration such as 15s or 1h30m, 100ms to 1h, got 15 (option)',
      ].join('\n'),
    );
  });

  test('store and storage.path together leave it open which is meant', () => {
    const options = { store: { path: 'x' }, storage: { path: 'y' } };
    expect(refusal(() => parseConfigObject(options, noFiles))).toContain(
      'store: expected store or storage.path',
    );
    expect(refusal(() => parseConfigObject({ store: { path: '' } }, noFiles))).toContain(
      'store: expected',
    );
  });
});

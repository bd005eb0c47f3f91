/**
 * The web configuration file: TLS and users, in the format of the Prometheus exporter-toolkit, so
 * that a file that serves other exporters serves this one too. What we do not offer is refused,
 * never ignored.
 */
import { createSecureContext, type SecureVersion } from 'node:tls';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { describeValue } from '../core/decode/describe.js';
import type { ConfigProblem } from './config/problem.js';
import { didYouMean } from './config/suggest.js';
import { readYamlFile } from './config/yaml-file.js';

/** Options for `node:https`. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: SecureVersion;
}

export interface WebAccess {
  /** Undefined: plain HTTP. */
  readonly tls: TlsOptions | undefined;
  /** bcrypt hash by user name. Empty: no passwords are asked for. */
  readonly users: ReadonlyMap<string, string>;
}

export const OPEN_ACCESS: WebAccess = { tls: undefined, users: new Map() };

export type WebConfigResult =
  | { readonly ok: true; readonly access: WebAccess }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Every client must show who it is, by password or by certificate. */
export function asksWhoIsThere({ tls, users }: WebAccess): boolean {
  return users.size > 0 || tls?.requestCert === true;
}

/**
 * Files named in it are looked for beside it. `readFile` throws when it cannot. Also refused: a key
 * that does not fit its certificate.
 */
export function readWebConfig(path: string, readFile: (path: string) => string): WebConfigResult {
  const problems: ConfigProblem[] = [];
  const text = attempt(() => readFile(path));
  if (!text.ok) {
    const message = `expected a file that can be read, got ${text.reason}`;
    const origin = { kind: 'file', path, line: undefined } as const;
    return { ok: false, problems: [{ key: 'web.config.file', message, origin }] };
  }
  const file = readYamlFile(text.value);
  if (!file.ok) {
    for (const { message, line } of file.problems) {
      problems.push({ key: '', message, origin: { kind: 'file', path, line } });
    }
    return { ok: false, problems };
  }
  const problem = (place: readonly PropertyKey[], message: string): void => {
    const origin = { kind: 'file', path, line: file.lineOf(place) } as const;
    problems.push({ key: place.map(String).join('.'), message, origin });
  };
  const parsed = webConfigSchema.safeParse(file.tree ?? {});
  if (!parsed.success) {
    for (const issue of parsed.error.issues) explain(issue, problem);
    return { ok: false, problems };
  }
  const { tls_server_config: tlsConfig, basic_auth_users: users } = parsed.data;
  const tls =
    tlsConfig === undefined
      ? undefined
      : loadTls(
          tlsConfig,
          (file) => readFile(isAbsolute(file) ? file : join(dirname(path), file)),
          problem,
        );
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, access: { tls, users: new Map(Object.entries(users ?? {})) } };
}

/**
 * `$2a$`, `$2b$` or `$2y$`. A cost above 16 takes seconds for each password tried, so it is
 * refused.
 */
const BCRYPT_HASH = /^\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/;
const BCRYPT_WANTED = 'a bcrypt hash of cost 04 to 16, as made by `htpasswd -nBC 10 ""`';

const userNameSchema = z
  .string()
  .refine((name) => name !== '' && !hasControlCharacter(name) && !name.includes(':'), {
    error: 'expected a name that is not empty, without colon and control characters',
  });

const webConfigSchema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert_file: z.string({ error: 'expected the path of the certificate (PEM)' }).min(1),
      key_file: z.string({ error: 'expected the path of the key (PEM)' }).min(1),
      client_ca_file: z.string().min(1).optional(),
      client_auth_type: z
        .enum(['NoClientCert', 'RequireAndVerifyClientCert'], {
          error: ({ input }) =>
            `expected NoClientCert or RequireAndVerifyClientCert, got ${describeValue(input)}`,
        })
        .optional(),
      min_version: z
        .enum(['TLS12', 'TLS13'], {
          error: ({ input }) => `expected TLS12 or TLS13, got ${describeValue(input)}`,
        })
        .prefault('TLS12'),
    })
    .nullish()
    .transform((value) => value ?? undefined),
  basic_auth_users: z
    .record(
      userNameSchema,
      // The hash is a secret, so the message does not show what stands there.
      z.string({ error: `expected ${BCRYPT_WANTED}` }).regex(BCRYPT_HASH, {
        error: `expected ${BCRYPT_WANTED}`,
      }),
      { error: ({ input }) => `expected {name: bcrypt hash}, got ${describeValue(input)}` },
    )
    .nullish()
    .transform((value) => value ?? undefined),
});

const GROUP = 'tls_server_config';
type TlsConfig = NonNullable<z.output<typeof webConfigSchema>['tls_server_config']>;

function loadTls(
  config: TlsConfig,
  readFile: (path: string) => string,
  problem: Complain,
): TlsOptions | undefined {
  const read = (name: 'cert_file' | 'key_file' | 'client_ca_file'): string | undefined => {
    const file = config[name];
    if (file === undefined) return undefined;
    const text = attempt(() => readFile(file));
    if (text.ok) return text.value;
    problem([GROUP, name], `expected a file that can be read, got ${text.reason}`);
    return undefined;
  };
  const cert = read('cert_file');
  const key = read('key_file');
  const ca = read('client_ca_file');
  const verifies = config.client_auth_type === 'RequireAndVerifyClientCert';
  if (verifies !== (config.client_ca_file !== undefined)) {
    problem(
      [GROUP],
      'expected client_ca_file and client_auth_type: RequireAndVerifyClientCert, got only one',
    );
  }
  if (cert === undefined || key === undefined) return undefined;
  const options: TlsOptions = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    requestCert: verifies,
    rejectUnauthorized: verifies,
    minVersion: config.min_version === 'TLS13' ? 'TLSv1.3' : 'TLSv1.2',
  };
  const context = attempt(() => createSecureContext({ ...options }));
  if (!context.ok) {
    problem([GROUP], `expected a certificate and its key, got ${context.reason}`);
  }
  return options;
}

type Complain = (place: readonly PropertyKey[], message: string) => void;

/** One issue of the schema; unknown keys one by one. */
function explain(issue: z.core.$ZodIssue, problem: Complain): void {
  if (issue.code === 'unrecognized_keys') {
    for (const name of issue.keys) {
      const place = [...issue.path, name];
      const hint = didYouMean(place.map(String).join('.'), KEYS);
      problem(place, `expected one of ${KEYS.join(', ')}, got an unknown key${hint}`);
    }
  } else if (issue.code === 'invalid_key') {
    problem(issue.path, issue.issues[0]?.message ?? issue.message);
  } else {
    problem(issue.path, issue.message);
  }
}

const KEYS = [
  'tls_server_config.cert_file',
  'tls_server_config.key_file',
  'tls_server_config.client_ca_file',
  'tls_server_config.client_auth_type',
  'tls_server_config.min_version',
  'basic_auth_users',
] as const;

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}

type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

function attempt<T>(action: () => T): Attempt<T> {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

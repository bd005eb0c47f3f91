// docker-compose.yml and the Dockerfile: what can be known of them without a container engine.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeWith } from './support/servers.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const text = read('docker-compose.yml');

const service = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  user: z.string().optional(),
  profiles: z.array(z.string()).optional(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
});
const { services } = z
  .looseObject({ services: z.record(z.string(), service) })
  .parse(parse(text, { merge: true }));
const all = Object.entries(services);

describeWith(['docker-compose'], 'docker-compose', (path) => {
  const folder = mkdtempSync(join(tmpdir(), 'selfhealer-compose-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const check = (content: string) => {
    writeFileSync(join(folder, 'docker-compose.yml'), content);
    copyFileSync(join(root, '.env'), join(folder, '.env'));
    return spawnSync(path['docker-compose'], ['config', '-q'], { cwd: folder, encoding: 'utf8' });
  };

  test('takes the file', () => {
    expect(check(text)).toMatchObject({ status: 0, stderr: '' });
  });

  test('would refuse one with an unknown key', () => {
    const spoilt = text.replace('read_only: true', 'read_onyl: true');
    expect(check(spoilt).status).not.toBe(0);
  });
});

test('starts the demo when nothing else is said, and the exporter alone on demand', () => {
  const started = (chosen: string) =>
    all.flatMap(([name, { profiles }]) =>
      profiles === undefined || profiles.includes(chosen) ? [name] : [],
    );
  const [, chosen = ''] = /^COMPOSE_PROFILES=(\w+)$/m.exec(read('.env')) ?? [];
  expect(started(chosen)).toEqual(['demo', 'prometheus', 'alertmanager', 'grafana']);
  expect(started('exporter')).toEqual(['exporter', 'prometheus', 'alertmanager', 'grafana']);
});

describe('every service', () => {
  test.each(all)('%s is published on this machine alone', (_, { ports }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test.each(all)('%s is of a version that does not move', (_, { image }) => {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  test.each(all)('%s runs without root, rights and a file system to write on', (_, each) => {
    expect(each.read_only).toBe(true);
    expect(each.cap_drop).toEqual(['ALL']);
    expect(each.user).toMatch(/^(node|nobody|[1-9]\d*)$/);
    if (each.build !== undefined) expect(read('Dockerfile')).toMatch(/^USER node$/m);
  });

  test.each(all)('%s keeps what it knows in a volume and tells whether it is well', (_, each) => {
    expect(each.volumes.some((volume) => /^[\w-]+-data:/.test(volume))).toBe(true);
    const [how, ...command] = each.healthcheck?.test ?? [];
    expect(how).toBe('CMD');
    if (each.build === undefined) return;
    // The image alone is asked the same.
    const [, own = ''] = /^HEALTHCHECK [^[]*CMD (\[.+\])$/ms.exec(read('Dockerfile')) ?? [];
    expect(JSON.parse(own.split('\n')[0] ?? '')).toEqual(command);
  });

  test.each(all)('%s mounts only what is there', (_, { volumes }) => {
    const ours = volumes.map((volume) => volume.split(':')[0] ?? '');
    for (const path of ours.filter((each) => each.startsWith('./'))) {
      expect(existsSync(join(root, path))).toBe(true);
    }
  });
});

test('the Prometheus of docker-compose.yml is configured as the other one, but for the addresses', () => {
  const inContainers = read('prometheus/prometheus.compose.yml')
    .replace('alertmanager:9093', '127.0.0.1:9093')
    .replace('exporter:9464', '127.0.0.1:9464');
  expect(parse(inContainers)).toEqual(parse(read('prometheus/prometheus.yml')));
});

describe('the image', () => {
  const dockerfile = read('Dockerfile');
  const ignored = read('.dockerignore');

  test('is built from files that are sent to the engine', () => {
    const sent = new Set([...ignored.matchAll(/^!(.+)$/gm)].map((match) => match[1]));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    expect(copied.length).toBeGreaterThan(3);
    for (const path of copied) expect(sent).toContain(path);
  });

  test('starts the exporter with flags that it knows', () => {
    const command = /^CMD (\[.+\])$/m.exec(dockerfile.slice(dockerfile.indexOf('ENTRYPOINT')));
    const [verb, ...flags] = z.array(z.string()).parse(JSON.parse(command?.[1] ?? ''));
    expect(verb).toBe('serve');
    const cli = join(root, 'dist/cli.js');
    const printed = spawnSync(process.execPath, [cli, 'config', 'print', ...flags]);
    expect(printed.stderr.toString()).toBe('');
    expect(printed.status).toBe(0);
  });
});

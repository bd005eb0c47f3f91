/** An exporter in this process, on a port of its own. */
import { get } from 'node:http';
import { createExporter, type Exporter, type ExporterOptions } from '../../src/app/exporter.js';

export interface ExporterRig {
  readonly exporter: Exporter;
  readonly url: string;
  readonly entries: readonly string[];
}

/** `web` keeps the free port unless it brings an address itself. */
export async function startExporter(options: ExporterOptions = {}): Promise<ExporterRig> {
  const entries: string[] = [];
  const exporter = await createExporter({
    store: 'memory',
    logger: (level, message, fields) => {
      entries.push(`${level} ${message} ${JSON.stringify(fields)}`);
    },
    ...options,
    web: { listenAddress: '127.0.0.1:0', ...options.web },
  });
  const { url } = await exporter.listen();
  return { exporter, url, entries };
}

/** Parsed: whatever it is. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}

export function postLines(url: string, lines: readonly string[]): Promise<Answer> {
  return ask(`${url}/api/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
}

/** With headers that fetch does not let anybody set. */
export function askWith(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

/** The value of a series on a page of metrics; undefined when it is not there. */
export function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

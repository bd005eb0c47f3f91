// What a call of a Python healer costs more when it is attached: heal, heal by a strategy that lets go of the
// interpreter meanwhile, a detection, an event that is none, a prediction.
// Bare and attached calls take turns; the exporter runs and the sending thread sends meanwhile.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startExporter } from './support/exporter-process.js';
import { isShort, median, publish, type Comparison } from './support/measure.js';

const SCRIPT = fileURLToPath(new URL('./support/attach_cost.py', import.meta.url));
const MICROS_MAX = 50;
const CALLS = ['heal', 'heal_slowly', 'detect', 'overlook', 'predict'] as const;
const size = isShort() ? { rounds: 5, calls: 100 } : { rounds: 101, calls: 100 };

interface Measured {
  readonly micros: Readonly<Record<(typeof CALLS)[number], Readonly<Record<Side, number[]>>>>;
  readonly accepted: number;
  readonly dropped: number;
}
type Side = 'bare' | 'attached';

const folder = mkdtempSync(join(tmpdir(), 'selfhealer-bench-'));
const exporter = await startExporter(folder);
try {
  publish(comparisonOf(measure(exporter.url)));
} finally {
  await exporter.stop();
  rmSync(folder, { recursive: true, force: true });
}

function measure(url: string): Measured {
  const args = ['-B', SCRIPT, url, String(size.rounds), String(size.calls)];
  const { status, stdout } = spawnSync('python3', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('python3 is missing, or the measurement failed');
  return JSON.parse(stdout) as Measured;
}

function comparisonOf({ micros, accepted, dropped }: Measured): Comparison {
  return {
    name: 'A call of an attached Python healer, microseconds more than the bare call',
    contestants: CALLS.flatMap((call) =>
      (['attached', 'bare'] as const).map((side) => ({
        name: `${call}, ${side}`,
        unit: 'us',
        values: micros[call][side],
      })),
    ),
    limits: CALLS.map((call) => ({
      what: `${call}: attached - bare, us`,
      ratio: median(
        micros[call].attached.map((value, round) => value - (micros[call].bare[round] ?? NaN)),
      ),
      ratioMax: MICROS_MAX,
    })),
    notes: [`${accepted} events accepted, ${dropped} dropped`],
  };
}

/** A whole pipeline over a real log, for tests of what feeds it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Delivery, EventLog, Intake, Refusal, Settled } from '../../src/core/ports.js';
import type { LiveState } from '../../src/core/state/live-state.js';
import { SelfCounts } from '../../src/metrics/self-counts.js';
import { Ingest, type IngestParts } from '../../src/pipeline/ingest.js';
import { recover } from '../../src/pipeline/recover.js';
import type { StartTimer } from '../../src/sources/timer.js';
import { openEventLog } from '../../src/store/event-log.js';

export const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

/** Waits are shortened: what is tested is that somebody waits, not for how long. */
export const quickTimer: StartTimer = (delayMs, callback) => {
  const timer = setTimeout(callback, Math.min(delayMs, 5));
  return () => clearTimeout(timer);
};

export interface Heard {
  readonly delivery: Delivery;
  readonly outcome: Settled | Refusal;
  /** Events that the log had and that were folded, when the source was told. */
  readonly eventsInLog: number;
  readonly eventsFolded: number;
}

export interface PipelineRig {
  readonly log: EventLog;
  readonly state: LiveState;
  readonly counts: SelfCounts;
  readonly ingest: Ingest;
  /** Remembers what every source was told. */
  readonly intake: Intake;
  readonly heard: readonly Heard[];
  readonly fatal: readonly unknown[];
  /** Events that the state had when it was opened: those of an earlier one on the same log. */
  readonly eventsBefore: number;
  /** The next deliveries are refused, each with the next of these. */
  refuseNext(...refusals: Refusal[]): void;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly path?: string;
  readonly capacityBytes?: number;
  /** Puts something between the pipeline and the log. */
  readonly wrapLog?: (log: EventLog) => EventLog;
  readonly sleep?: (durationMs: number) => Promise<void>;
}

export async function openRig(options: RigOptions = {}): Promise<PipelineRig> {
  const { path = ':memory:', capacityBytes = 64 * 1024 * 1024, wrapLog = (log) => log } = options;
  const log = wrapLog(await openEventLog({ path }));
  const counts = new SelfCounts();
  const fatal: unknown[] = [];
  const { state, derived } = await recover({ log, clock, report: () => undefined });
  const eventsBefore = state.seq;
  const parts: IngestParts = {
    log,
    state,
    derived,
    clock,
    metrics: counts,
    capacityBytes,
    sleep: options.sleep ?? sleep,
    onFatal: (error) => fatal.push(error),
  };
  const ingest = new Ingest(parts);
  const heard: Heard[] = [];
  const refusals: Refusal[] = [];
  const note = (delivery: Delivery, outcome: Settled | Refusal): void => {
    heard.push({ delivery, outcome, eventsInLog: log.stats.events, eventsFolded: state.seq });
  };
  const intake: Intake = {
    countRefused: (input, code) => ingest.countRefused(input, code),
    offer: (delivery) => {
      const refusal = refusals.shift();
      if (refusal !== undefined) {
        ingest.countRefused(delivery.input, refusal.code);
        note(delivery, refusal);
        delivery.refuse(refusal);
        return;
      }
      ingest.offer({
        ...delivery,
        settle: (settled) => {
          note(delivery, settled);
          delivery.settle(settled);
        },
        refuse: (refused) => {
          note(delivery, refused);
          delivery.refuse(refused);
        },
      });
    },
  };
  return {
    log,
    state,
    counts,
    ingest,
    intake,
    heard,
    fatal,
    eventsBefore,
    refuseNext: (...more) => refusals.push(...more),
    close: async () => {
      await ingest.close();
      await log.close();
    },
  };
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

export function settledOf({ heard }: PipelineRig): Settled[] {
  return heard.flatMap(({ outcome }) => ('code' in outcome ? [] : [outcome]));
}

export function totalOf(rig: PipelineRig): {
  accepted: number;
  duplicates: number;
  rejected: number;
} {
  const total = { accepted: 0, duplicates: 0, rejected: 0 };
  for (const { accepted, duplicates, rejected } of settledOf(rig)) {
    total.accepted += accepted;
    total.duplicates += duplicates;
    total.rejected += rejected.length;
  }
  return total;
}

/** Polls until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error('waited for 20 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Removed by what it returns second. */
export function temporaryFolder(): readonly [string, () => void] {
  const folder = mkdtempSync(join(tmpdir(), 'selfhealer-test-'));
  return [folder, () => rmSync(folder, { recursive: true, force: true })];
}

let ids = 0;

/** A CloudEvent of a completion, as text. */
export function completion(
  more: {
    readonly id?: string;
    readonly data?: Readonly<Record<string, unknown>>;
    readonly [name: string]: unknown;
  } = {},
): string {
  ids += 1;
  const { id = `e${ids}`, data, ...envelope } = more;
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: '/test',
    type: 'selfhealer.healing.completed',
    ...envelope,
    data: {
      failure_id: `agent_down_${id}`,
      strategy_used: 'AgentRestartStrategy',
      success: true,
      duration_ms: 12,
      ...data,
    },
  });
}

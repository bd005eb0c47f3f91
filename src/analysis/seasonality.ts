/** Whether failures come at certain hours of the day, or on certain days of the week. */
import { betaCdf } from '../core/beta.js';
import { WaveSums } from '../core/state/wave-sums.js';
import { falseDiscovery } from './false-discovery.js';

/** Attempts and failures of one phase (an hour of a day, a day of a week). */
export interface PhaseCounts {
  readonly attempts: number;
  readonly failures: number;
}

/** One cycle (a day, a week): its phases in order, each there even when it has nothing. */
export type Cycle = readonly PhaseCounts[];

export interface SeasonNeeds {
  readonly cyclesMin: number;
  readonly failuresMin: number;
}

/** Fourteen days, or eight weeks. */
export const DAILY: SeasonNeeds = { cyclesMin: 14, failuresMin: 50 };
export const WEEKLY: SeasonNeeds = { cyclesMin: 8, failuresMin: 50 };

const FALSE_SHARE_MAX = 0.05;

export interface Season {
  /** How likely such a difference between phases is when there is none, 0–1. */
  readonly pValue: number;
  /** The phase with the most failures beyond those to expect from its attempts. */
  readonly worstPhase: number;
  readonly worstRate: number;
  readonly overallRate: number;
}

/**
 * Tests whether the failure rate depends on the phase. Every cycle counts as one observation, so that a burst of
 * failures within one of them is not taken for a habit.
 *
 * Units: rates 0–1; `pValue` is the smaller of two tests' (a smooth wave, a single phase), doubled.
 * Left out: cycles without attempts. More attempts at some phases are no seasonality: what counts is the residual.
 * No data: undefined below the cycles or failures needed, and where nothing varies.
 * Errors: none.
 * Source: Hotelling's T² on the first harmonic of the residuals; Student's t per phase, corrected by Bonferroni.
 */
export function seasonality(cycles: readonly Cycle[], needs: SeasonNeeds): Season | undefined {
  const used = cycles.filter((cycle) => sumOf(cycle, 'attempts') > 0);
  const failures = used.reduce((sum, cycle) => sum + sumOf(cycle, 'failures'), 0);
  const attempts = used.reduce((sum, cycle) => sum + sumOf(cycle, 'attempts'), 0);
  if (used.length < needs.cyclesMin || failures < needs.failuresMin) return undefined;
  const overallRate = failures / attempts;
  const residuals = used.map((cycle) =>
    cycle.map((phase) => phase.failures - phase.attempts * overallRate),
  );
  const spike = worstPhaseOf(residuals);
  const wave = waveTest(used, residuals);
  if (spike === undefined || wave === undefined) return undefined;
  const ofWorst = used.map((cycle) => cycle[spike.phase] ?? { attempts: 0, failures: 0 });
  return {
    pValue: Math.min(1, 2 * Math.min(wave, spike.pValue)),
    worstPhase: spike.phase,
    worstRate: sumOf(ofWorst, 'failures') / Math.max(1, sumOf(ofWorst, 'attempts')),
    overallRate,
  };
}

export interface NamedSeason extends Season {
  readonly name: string;
  readonly qValue: number;
}

/** Those of many that have a season, surest first: at most one in twenty by chance, on average. */
export function seasonal(
  all: readonly { readonly name: string; readonly season: Season }[],
): NamedSeason[] {
  const q = falseDiscovery(all.map(({ season }) => season.pValue));
  return all
    .map(({ name, season }, i) => ({ name, ...season, qValue: q[i] ?? 1 }))
    .filter(({ qValue }) => qValue <= FALSE_SHARE_MAX)
    .sort((a, b) => a.qValue - b.qValue);
}

/** P-value of a mean wave of one period over the cycle; undefined where nothing varies. */
function waveTest(
  cycles: readonly Cycle[],
  residuals: readonly (readonly number[])[],
): number | undefined {
  const sums = new WaveSums();
  for (const [c, ofCycle] of residuals.entries()) {
    // Centred by attempts: a cycle with many failures all day long is no wave.
    const cycle = cycles[c] ?? [];
    const mean = ofCycle.reduce((sum, r) => sum + r, 0) / Math.max(1, sumOf(cycle, 'attempts'));
    let x = 0;
    let y = 0;
    for (const [h, r] of ofCycle.entries()) {
      const angle = (2 * Math.PI * h) / ofCycle.length;
      const centred = r - mean * (cycle[h]?.attempts ?? 0);
      x += centred * Math.cos(angle);
      y += centred * Math.sin(angle);
    }
    sums.add(x, y);
  }
  return sums.pValue();
}

/** The phase whose residuals lie highest above 0, and how likely that is by chance. */
function worstPhaseOf(
  residuals: readonly (readonly number[])[],
): { readonly phase: number; readonly pValue: number } | undefined {
  const size = residuals.length;
  const phases = residuals[0]?.length ?? 0;
  let worst: { phase: number; t: number } | undefined;
  for (let phase = 0; phase < phases; phase += 1) {
    const values = residuals.map((ofCycle) => ofCycle[phase] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / size;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (size - 1));
    if (deviation === 0) continue;
    const t = mean / (deviation / Math.sqrt(size));
    if (worst === undefined || t > worst.t) worst = { phase, t };
  }
  if (worst === undefined) return undefined;
  return { phase: worst.phase, pValue: Math.min(1, phases * studentTail(worst.t, size - 1)) };
}

/** P(T > t) with n degrees of freedom. */
function studentTail(t: number, n: number): number {
  const both = betaCdf(n / (n + t * t), n / 2, 0.5);
  return t > 0 ? both / 2 : 1 - both / 2;
}

function sumOf(cycle: readonly PhaseCounts[], key: keyof PhaseCounts): number {
  return cycle.reduce((sum, phase) => sum + phase[key], 0);
}

/**
 * Whether something comes and goes with the hour of the day (or the day of the week): a wave of one period, tested over
 * cycles that count as one observation each. Sums only, so that a cycle is forgotten once it is added.
 */

/** Below it nothing varies. */
const DETERMINANT_MIN = 1e-12;

/** What the sums take; all 0 at first. */
export const WAVE_NUMBERS = 6;
const CYCLES = 0;
const MEAN_X = 1;
const MEAN_Y = 2;
/** Squares and products of the distances from the mean. */
const XX = 3;
const XY = 4;
const YY = 5;

/** What adds up of points (x, y), one per cycle: Hotelling's T² that their mean is not (0, 0). */
export class WaveSums {
  /** The sums stand in `numbers`, from `at` on. */
  constructor(
    private readonly numbers = new Float64Array(WAVE_NUMBERS),
    private readonly at = 0,
  ) {}

  get cycles(): number {
    return this.#get(CYCLES);
  }

  add(x: number, y: number): void {
    const cycles = this.#add(CYCLES, 1);
    const dx = x - this.#get(MEAN_X);
    const dy = y - this.#get(MEAN_Y);
    const meanX = this.#add(MEAN_X, dx / cycles);
    const meanY = this.#add(MEAN_Y, dy / cycles);
    this.#add(XX, dx * (x - meanX));
    this.#add(XY, dx * (y - meanY));
    this.#add(YY, dy * (y - meanY));
  }

  /** How likely such a mean is where there is no wave; undefined where nothing varies, or below three cycles. */
  pValue(): number | undefined {
    const { cycles } = this;
    const free = cycles - 1;
    const [xx, xy, yy] = [this.#get(XX) / free, this.#get(XY) / free, this.#get(YY) / free];
    const determinant = xx * yy - xy * xy;
    if (free < 2 || !(determinant > DETERMINANT_MIN)) return undefined;
    const [x, y] = [this.#get(MEAN_X), this.#get(MEAN_Y)];
    const square = (cycles * (x * x * yy - 2 * x * y * xy + y * y * xx)) / determinant;
    // F = (D − 2) / (2 (D − 1)) T² has 2 and D − 2 degrees of freedom; with 2 of them its tail is a power.
    return (1 + square / free) ** (-(free - 1) / 2);
  }

  /** Where in the cycle the wave is highest, 0–1. */
  get peak(): number {
    const turn = Math.atan2(this.#get(MEAN_Y), this.#get(MEAN_X)) / (2 * Math.PI);
    return turn < 0 ? turn + 1 : turn;
  }

  #get(place: number): number {
    return this.numbers[this.at + place] ?? 0;
  }

  #add(place: number, much: number): number {
    const sum = this.#get(place) + much;
    this.numbers[this.at + place] = sum;
    return sum;
  }
}

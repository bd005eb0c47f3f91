/**
 * Whether something comes and goes with the hour of the day (or the day of the week): a wave of one period, tested over
 * cycles that count as one observation each. Sums only, so that a cycle is forgotten once it is added.
 */

/** Below it nothing varies. */
const DETERMINANT_MIN = 1e-12;

export type FrozenWave = readonly number[];

/** What adds up of points (x, y), one per cycle: Hotelling's T² that their mean is not (0, 0). */
export class WaveSums {
  cycles = 0;
  meanX = 0;
  meanY = 0;
  /** Squares and products of the distances from the mean. */
  #xx = 0;
  #xy = 0;
  #yy = 0;

  add(x: number, y: number): void {
    this.cycles += 1;
    const dx = x - this.meanX;
    const dy = y - this.meanY;
    this.meanX += dx / this.cycles;
    this.meanY += dy / this.cycles;
    this.#xx += dx * (x - this.meanX);
    this.#xy += dx * (y - this.meanY);
    this.#yy += dy * (y - this.meanY);
  }

  /** How likely such a mean is where there is no wave; undefined where nothing varies, or below three cycles. */
  pValue(): number | undefined {
    const free = this.cycles - 1;
    const [xx, xy, yy] = [this.#xx / free, this.#xy / free, this.#yy / free];
    const determinant = xx * yy - xy * xy;
    if (free < 2 || !(determinant > DETERMINANT_MIN)) return undefined;
    const { meanX: x, meanY: y } = this;
    const square = (this.cycles * (x * x * yy - 2 * x * y * xy + y * y * xx)) / determinant;
    // F = (D − 2) / (2 (D − 1)) T² has 2 and D − 2 degrees of freedom; with 2 of them its tail is a power.
    return (1 + square / free) ** (-(free - 1) / 2);
  }

  /** Where in the cycle the wave is highest, 0–1. */
  get peak(): number {
    const turn = Math.atan2(this.meanY, this.meanX) / (2 * Math.PI);
    return turn < 0 ? turn + 1 : turn;
  }

  freeze(): FrozenWave {
    return [this.cycles, this.meanX, this.meanY, this.#xx, this.#xy, this.#yy];
  }

  static thaw(frozen: FrozenWave): WaveSums {
    const wave = new WaveSums();
    const [cycles = 0, meanX = 0, meanY = 0, xx = 0, xy = 0, yy = 0] = frozen;
    wave.cycles = cycles;
    wave.meanX = meanX;
    wave.meanY = meanY;
    wave.#xx = xx;
    wave.#xy = xy;
    wave.#yy = yy;
    return wave;
  }
}

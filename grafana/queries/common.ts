/** What every dashboard asks. */
import type { MetricName } from '../../src/metrics/table.js';

const UP: MetricName = 'selfhealer_up';

export const COMMON = {
  /** Drawn over the panels. The watchdog always fires. */
  alerts:
    'ALERTS{job=~"$job",alertstate="firing",alertname=~"SelfHealer.+",alertname!="SelfHealerWatchdog"}',
  /** What the variables take their values from. */
  jobs: UP,
  instances: `${UP}{job=~"$job"}`,
} as const;

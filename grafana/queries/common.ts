/** What every dashboard asks. */
import type { MetricName } from '../../src/metrics/table.js';

/** There from the first scrape on, before any event. */
const EVERY: MetricName = 'selfhealer_exporter_build_info';

export const COMMON = {
  /** Drawn over the panels. The watchdog always fires. */
  alerts:
    'ALERTS{job=~"$job",alertstate="firing",alertname=~"SelfHealer.+",alertname!="SelfHealerWatchdog"}',
  /** What the variables take their values from. */
  jobs: EVERY,
  instances: `${EVERY}{job=~"$job"}`,
} as const;

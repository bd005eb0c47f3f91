/** What the dashboard of the exporter asks. */
import { max, ofProcess, orNone, quantile, rate, series, sum } from '../promql.js';

export const EXPORTER = {
  events: sum(rate('selfhealer_exporter_events_total'), ['input']),
  rejected: orNone(sum(rate('selfhealer_exporter_events_rejected_total'), ['reason'])),
  repeated: orNone(sum(rate('selfhealer_exporter_events_duplicate_total'))),
  lag: quantile(0.95, 'selfhealer_exporter_event_lag_seconds', ['input']),
  sources: series('selfhealer_up'),
  queued: sum(series('selfhealer_exporter_queue_bytes')),
  queueRoom: sum(series('selfhealer_exporter_queue_capacity_bytes')),
  seriesOfLimit: `topk(5, ${series('selfhealer_exporter_series')} / ${series('selfhealer_exporter_series_limit')})`,
  overflows: orNone(sum(rate('selfhealer_exporter_label_overflows_total'), ['metric'])),
  analysisDuration: max(series('selfhealer_exporter_analysis_duration_seconds'), ['analysis']),
  analysisAge: max(
    `time() - ${series('selfhealer_exporter_analysis_last_success_timestamp_seconds')}`,
    ['analysis'],
  ),
  stored: sum(series('selfhealer_exporter_store_bytes')),
  wal: sum(series('selfhealer_exporter_store_wal_bytes')),
  commits: quantile(0.95, 'selfhealer_exporter_store_commit_duration_seconds'),
  storeErrors: orNone(sum(rate('selfhealer_exporter_store_errors_total'))),
  analysisErrors: orNone(sum(rate('selfhealer_exporter_analysis_errors_total'))),
  otlpErrors: orNone(sum(rate('selfhealer_exporter_otlp_failures_total'))),
  eventLoop: ofProcess('nodejs_eventloop_lag_p99_seconds'),
  scrapes: ofProcess('scrape_duration_seconds'),
} as const;

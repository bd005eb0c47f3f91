/** The push over OTLP about itself. */
import { counter, gauge, type MetricRows } from './define.js';
import { OTLP_FAILURES } from './self-counts.js';

const UNLESS_PUSHED = 'Absent where nothing is pushed over OTLP.';

export const OTLP = {
  selfhealer_exporter_otlp_exports_total: counter({
    otel: 'selfhealer.exporter.otlp.exports',
    unit: '{export}',
    help: 'Pushes over OTLP that were tried, each try of its own.',
    absent: UNLESS_PUSHED,
    labels: {},
    read: ({ self, startedMs }, add) => {
      if (self.otlp !== undefined) add({}, self.otlp.exports, startedMs);
    },
  }),
  selfhealer_exporter_otlp_failures_total: counter({
    otel: 'selfhealer.exporter.otlp.failures',
    unit: '{export}',
    help: 'Pushes over OTLP that failed, each try of its own.',
    absent: UNLESS_PUSHED,
    labels: { code: OTLP_FAILURES },
    read: ({ self, startedMs }, add) => {
      if (self.otlp === undefined) return;
      for (const code of OTLP_FAILURES) {
        add({ code }, self.otlp.failures.get(code) ?? 0, startedMs);
      }
    },
  }),
  selfhealer_exporter_otlp_last_success_timestamp_seconds: gauge({
    otel: 'selfhealer.exporter.otlp.last_success.timestamp',
    unit: 's',
    help: 'Unix time of the last push over OTLP that was taken.',
    absent: 'Absent until one was.',
    labels: {},
    read: ({ self }, add) => {
      const ms = self.otlp?.lastSuccessMs;
      if (ms !== undefined) add({}, ms / 1000);
    },
  }),
} satisfies MetricRows;

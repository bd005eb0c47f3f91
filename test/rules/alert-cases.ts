/** For each alert: series that make it fire, and series just below that do not. Steps are 30 s. */

export interface AlertCase {
  readonly alert: string;
  /** Further labels of the alert. */
  readonly labels?: Readonly<Record<string, string>>;
  /** When it is looked at. */
  readonly at: string;
  readonly fires: Readonly<Record<string, string>>;
  /** Undefined: the alert always fires. */
  readonly quiet: Readonly<Record<string, string>> | undefined;
  /** When the quiet one is looked at, if at another time. */
  readonly quietAt?: string;
}

const OWN = 'job="swarm",instance="a:9464"';
const STRATEGY = `${OWN},strategy="Restart",failure_type="down",trigger="reactive"`;

/** Per step so many attempts, so many of them failed. */
function attempts(count: string, failures: string): Record<string, string> {
  return {
    [`selfhealer_healing_attempts_total{${STRATEGY}}`]: count,
    [`selfhealer_healing_failures_total{${STRATEGY}}`]: failures,
  };
}

function burn(long: string, fires: number, quiet: number): AlertCase {
  return {
    alert: 'SelfHealerHealingErrorBudgetBurn',
    labels: { job: 'swarm', long },
    at: '60m',
    fires: attempts('0+100x130', `0+${fires}x130`),
    quiet: attempts('0+100x130', `0+${quiet}x130`),
  };
}

function recoveries(secondsEach: number): Record<string, string> {
  const family = 'selfhealer_incident_recovery_duration_seconds';
  return {
    [`${family}_count{${OWN},failure_type="down"}`]: '0+1x480',
    [`${family}_sum{${OWN},failure_type="down"}`]: `0+10x360 ${3600 + secondsEach}+${secondsEach}x120`,
  };
}

function slowness(shareBelow: number, each = 1): Record<string, string> {
  const family = 'selfhealer_incident_recovery_duration_seconds';
  const of = (le: string): string => `${family}_bucket{${OWN},failure_type="down",le="${le}"}`;
  return {
    [`${family}_count{${OWN},failure_type="down"}`]: `0+${each}x160`,
    [`${family}_sum{${OWN},failure_type="down"}`]: `0+${900 * each}x160`,
    [of('1800')]: `0+${shareBelow}x160`,
    [of('3600')]: `0+${each}x160`,
    [of('+Inf')]: `0+${each}x160`,
  };
}

function predictions(right: number, wrong: number): Record<string, string> {
  const of = (outcome: string): string =>
    `selfhealer_prediction_outcomes_total{${OWN},failure_type="down",predictor="trend",outcome="${outcome}"}`;
  return { [of('occurred')]: `0+${right}x200`, [of('false_positive')]: `0+${wrong}x200` };
}

const OLDEST = `selfhealer_incident_oldest_open_timestamp_seconds{${OWN},failure_type="down"}`;
const BREAKER = `selfhealer_circuit_breaker_oldest_open_timestamp_seconds{${OWN}}`;
const TRIPS = `selfhealer_circuit_breaker_transitions_total{${OWN},from="closed",to="open"}`;
const LEVEL = `selfhealer_degradation_level{${OWN},resource="queue"}`;
const TREND = `selfhealer_strategy_trend{${OWN},strategy="Restart",trend="degrading"}`;
const WORD = `selfhealer_strategy_recommendation{${OWN},strategy="Restart",recommendation="replace"}`;
const BUILD = `selfhealer_exporter_build_info{${OWN},version="1",revision="r",node_version="20"}`;
const FAILURES = `selfhealer_failures_total{${OWN},failure_type="down",severity="high"}`;
const REJECTED = `selfhealer_exporter_events_rejected_total{${OWN},input="http",reason="INVALID"}`;
const OVERFLOWS = `selfhealer_exporter_label_overflows_total{${OWN},metric="selfhealer_failures_total"}`;
const ANALYSED = `selfhealer_exporter_analysis_last_success_timestamp_seconds{${OWN},analysis="mttr"}`;
const STORE = `selfhealer_exporter_store_errors_total{${OWN},code="STORE_FULL"}`;
const CORRUPT = `selfhealer_exporter_store_corrupt_events{${OWN}}`;
const MISSING = `selfhealer_exporter_store_missing_events{${OWN}}`;
const OTLP = `selfhealer_exporter_otlp_failures_total{${OWN},code="503"}`;
const OTLP_TAKEN = `selfhealer_exporter_otlp_last_success_timestamp_seconds{${OWN}}`;
const SLOWER = `selfhealer_mttr_trend{${OWN},failure_type="down",trend="slower"}`;
const SCORE = `selfhealer_failure_anomaly_score{${OWN},failure_type="down"}`;
const RESTART = { job: 'swarm', strategy: 'Restart' };
const skipped = (reason: string): string =>
  `selfhealer_healing_skipped_total{${OWN},strategy="unknown",reason="${reason}"}`;

export const ALERT_CASES: readonly AlertCase[] = [
  burn('1h', 73, 71),
  burn('6h', 31, 29),
  burn('1d', 16, 14),
  burn('3d', 6, 4),
  {
    // Everything fails, but it is too little to say anything.
    alert: 'SelfHealerHealingErrorBudgetBurn',
    labels: { long: '1h' },
    at: '60m',
    fires: attempts('0+0.4x130', '0+0.4x130'),
    quiet: attempts('0+0.15x130', '0+0.15x130'),
  },
  {
    alert: 'SelfHealerStrategyDegrading',
    labels: RESTART,
    at: '15m',
    fires: { [TREND]: '1x40' },
    quiet: { [TREND]: '0x40' },
  },
  {
    alert: 'SelfHealerStrategyDegrading',
    labels: RESTART,
    at: '4h',
    fires: attempts('0+1x480', '0x360 0.1+0.1x120'),
    quiet: attempts('0+1x480', '0x360 0.04+0.04x120'),
  },
  {
    alert: 'SelfHealerStrategyNeverSucceeds',
    labels: RESTART,
    at: '20m',
    fires: attempts('0+1x60', '0+1x60'),
    quiet: attempts('0+1x60', '0x1 0+1x58'),
  },
  {
    // One attempt short.
    alert: 'SelfHealerStrategyNeverSucceeds',
    labels: RESTART,
    at: '20m',
    fires: attempts('0+1x10 10x60', '0+1x10 10x60'),
    quiet: attempts('0+1x9 9x60', '0+1x9 9x60'),
  },
  {
    alert: 'SelfHealerStrategyReplaceRecommended',
    labels: RESTART,
    at: '32m',
    fires: { [WORD]: '1x80' },
    quiet: { [WORD]: '0x80' },
  },
  {
    alert: 'SelfHealerFailureWithoutStrategy',
    labels: { job: 'swarm' },
    at: '20m',
    fires: { [skipped('no_strategy')]: '_x35 1x20', [BUILD]: '1x60' },
    quiet: { [skipped('declined')]: '_x35 1x20', [BUILD]: '1x60' },
  },
  {
    alert: 'SelfHealerRecoveryTimeRegression',
    labels: { job: 'swarm' },
    at: '4h',
    fires: recoveries(60),
    quiet: recoveries(25),
  },
  {
    alert: 'SelfHealerRecoveryTimeRegression',
    labels: { failure_type: 'down' },
    at: '17m',
    fires: { [SLOWER]: '1x60' },
    quiet: { [SLOWER]: '0x60' },
  },
  {
    alert: 'SelfHealerRecoverySlow',
    labels: { job: 'swarm' },
    at: '75m',
    fires: slowness(0.94),
    quiet: slowness(0.96),
  },
  {
    alert: 'SelfHealerIncidentStuck',
    labels: { severity: 'warning', failure_type: 'down' },
    at: '17m',
    fires: { [OLDEST]: '0x200' },
    quiet: { [OLDEST]: '0x200' },
    quietAt: '15m',
  },
  {
    alert: 'SelfHealerIncidentStuck',
    labels: { severity: 'critical', failure_type: 'down' },
    at: '62m',
    fires: { [OLDEST]: '0x200' },
    quiet: { [OLDEST]: '0x200' },
    quietAt: '60m',
  },
  {
    alert: 'SelfHealerFailureStorm',
    labels: { severity: 'warning', failure_type: 'down' },
    at: '5m',
    fires: { [SCORE]: '1x20' },
    quiet: { [SCORE]: '0.99x20' },
  },
  {
    alert: 'SelfHealerFailureStorm',
    labels: { severity: 'critical', failure_type: 'down' },
    at: '70m',
    fires: { [FAILURES]: '0+0.1x120 15+2.5x20' },
    quiet: { [FAILURES]: '0+0.1x120 15+1.5x20' },
  },
  {
    // As many as ever, since an exporter is scraped for the first time.
    alert: 'SelfHealerFailureStorm',
    labels: { severity: 'critical', failure_type: 'down' },
    at: '70m',
    fires: { [FAILURES]: '0+4x120 500+40x20', [BUILD]: '1x140' },
    quiet: { [FAILURES]: '0+4x140', [BUILD]: '1x140' },
  },
  {
    // All at once, of a type that was never seen before; what a first scrape finds may be weeks old.
    alert: 'SelfHealerFailureStorm',
    labels: { severity: 'critical', failure_type: 'down' },
    at: '69m',
    fires: { [FAILURES]: '_x130 500x20', [BUILD]: '1x150' },
    quiet: { [FAILURES]: '_x130 500x20', [BUILD]: '_x130 1x20' },
  },
  {
    // Prometheus saw nothing for 7 minutes: what it finds then is not new. Or an exporter began anew.
    alert: 'SelfHealerFailureStorm',
    labels: { severity: 'critical', failure_type: 'down' },
    at: '76m',
    fires: { [FAILURES]: '500x130 stale _x13 500x20', [BUILD]: '1x165' },
    quiet: { [FAILURES]: '500x130 _x14 500x20', [BUILD]: '1x130 _x14 1x20' },
  },
  {
    // A new strategy that fails from its first scrape on.
    alert: 'SelfHealerStrategyNeverSucceeds',
    labels: RESTART,
    at: '72m',
    fires: { ...attempts('_x130 12x20', '_x130 12x20'), [BUILD]: '1x150' },
    quiet: { ...attempts('_x130 12x20', '_x130 11x20'), [BUILD]: '1x150' },
  },
  {
    alert: 'SelfHealerCircuitOpenTooLong',
    at: '17m',
    fires: { [BREAKER]: '0x60' },
    quiet: { [BREAKER]: '0x60' },
    quietAt: '15m',
  },
  {
    alert: 'SelfHealerCircuitFlapping',
    at: '25m',
    fires: { [TRIPS]: '0+0.2x60' },
    quiet: { [TRIPS]: '0+0.16x60' },
  },
  {
    alert: 'SelfHealerDegraded',
    labels: { resource: 'queue' },
    at: '17m',
    fires: { [LEVEL]: '1x60' },
    quiet: { [LEVEL]: '0x60' },
  },
  {
    alert: 'SelfHealerPredictionPrecisionLow',
    at: '90m',
    fires: predictions(0.49, 0.51),
    quiet: predictions(0.51, 0.49),
  },
  {
    alert: 'SelfHealerExporterDown',
    labels: { instance: 'a:9464' },
    at: '4m',
    fires: { [`up{${OWN}}`]: '1x2 0x20', [BUILD]: '1x2 _x20' },
    quiet: { [`up{${OWN}}`]: '1x22', [BUILD]: '1x22' },
  },
  {
    // One that has never answered is known by the name of its job.
    alert: 'SelfHealerExporterDown',
    at: '4m',
    fires: { 'up{job="selfhealer",instance="b:9464"}': '0x20' },
    quiet: { 'up{job="node",instance="b:9100"}': '0x20' },
  },
  {
    alert: 'SelfHealerSourceSilent',
    labels: { source: '/swarms/alpha' },
    at: '7m',
    fires: { [`selfhealer_up{${OWN},source="/swarms/alpha"}`]: '0x20' },
    quiet: { [`selfhealer_up{${OWN},source="/swarms/alpha"}`]: '1x20' },
  },
  {
    alert: 'SelfHealerEventsRejected',
    labels: { reason: 'INVALID' },
    at: '20m',
    fires: { [REJECTED]: '0+0.4x60' },
    quiet: { [REJECTED]: '0+0.32x60' },
  },
  {
    alert: 'SelfHealerLabelLimitReached',
    labels: { metric: 'selfhealer_failures_total' },
    at: '10m',
    fires: { [OVERFLOWS]: '0x10 1x20' },
    quiet: { [OVERFLOWS]: '1x30' },
  },
  {
    alert: 'SelfHealerAnalysisStalled',
    labels: { analysis: 'mttr' },
    at: '8m',
    fires: { [ANALYSED]: '0x30' },
    quiet: { [ANALYSED]: '0x30' },
    quietAt: '5m',
  },
  {
    alert: 'SelfHealerStoreFailing',
    labels: { code: 'STORE_FULL' },
    at: '7m',
    fires: { [STORE]: '0x10 1x20' },
    quiet: { [STORE]: '1x30' },
  },
  {
    alert: 'SelfHealerStoreCorrupt',
    at: '2m',
    fires: { [CORRUPT]: '1x10', [MISSING]: '0x10' },
    quiet: { [CORRUPT]: '0x10', [MISSING]: '0x10' },
  },
  {
    alert: 'SelfHealerOtlpFailing',
    labels: { instance: 'a:9464' },
    at: '20m',
    fires: { [OTLP]: '0+0.2x60' },
    quiet: { [OTLP]: '0+0.2x60', [OTLP_TAKEN]: '0+60x60' },
  },
  {
    // Not yet for long enough, as with the next four.
    alert: 'SelfHealerExporterDown',
    labels: { instance: 'b:9464' },
    at: '2m',
    fires: { 'up{job="selfhealer",instance="b:9464"}': '0x20' },
    quiet: { 'up{job="selfhealer",instance="b:9464"}': '0x20' },
    quietAt: '90s',
  },
  {
    alert: 'SelfHealerSourceSilent',
    at: '5m',
    fires: { [`selfhealer_up{${OWN},source="/swarms/alpha"}`]: '0x20' },
    quiet: { [`selfhealer_up{${OWN},source="/swarms/alpha"}`]: '0x20' },
    quietAt: '4m30s',
  },
  {
    alert: 'SelfHealerDegraded',
    at: '15m',
    fires: { [LEVEL]: '1x60' },
    quiet: { [LEVEL]: '1x60' },
    quietAt: '14m30s',
  },
  {
    alert: 'SelfHealerStrategyDegrading',
    labels: RESTART,
    at: '10m',
    fires: { [TREND]: '1x40' },
    quiet: { [TREND]: '1x40' },
    quietAt: '9m30s',
  },
  {
    alert: 'SelfHealerStrategyReplaceRecommended',
    labels: RESTART,
    at: '30m',
    fires: { [WORD]: '1x80' },
    quiet: { [WORD]: '1x80' },
    quietAt: '29m30s',
  },
  {
    // As slow, but too few.
    alert: 'SelfHealerRecoverySlow',
    labels: { job: 'swarm' },
    at: '75m',
    fires: slowness(0, 0.1),
    quiet: slowness(0, 0.07),
  },
  {
    // As wrong, but too few.
    alert: 'SelfHealerPredictionPrecisionLow',
    at: '90m',
    fires: predictions(0.02, 0.18),
    quiet: predictions(0.02, 0.08),
  },
  {
    // A single try that failed.
    alert: 'SelfHealerOtlpFailing',
    at: '20m',
    fires: { [OTLP]: '0x10 2x60' },
    quiet: { [OTLP]: '0x10 1x60' },
  },
  { alert: 'SelfHealerWatchdog', at: '1m', fires: { [`up{${OWN}}`]: '1x10' }, quiet: undefined },
];

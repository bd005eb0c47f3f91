/** What the package offers to programs. docs/embedding.md shows it at work. */
export {
  createExporter,
  type Exporter,
  type ExporterOptions,
  type ReportOptions,
} from './app/exporter.js';
export type { InstrumentOptions } from './app/open-telemetry.js';
export type { TuningJson, TuningOptions } from './app/tuning-answer.js';
export type { Candidate } from './analysis/best-strategy.js';
export type { BestAnswer, HealingContext } from './app/answers.js';
export type { OverallStatsJson, RecommendationJson, Report } from './analysis/report-json.js';
export { ExporterError, isExporterError, type ErrorCode } from './core/errors.js';
export type { Log, LogLevel } from './core/ports.js';
export type { MetricRegistry } from './exposition/prometheus/registry.js';
export type { Attachment } from './sources/emitter/emitter-source.js';
export type { HealerEmitter, HealerEventName } from './sources/emitter/healer.js';

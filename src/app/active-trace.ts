/** The span that the host is in, where it has a tracer provider of OpenTelemetry. */
import { isSpanContextValid, trace } from '@opentelemetry/api';

/** As W3C Trace Context writes it. Undefined without a provider or a span. Never throws. */
export function activeTraceparent(): string | undefined {
  try {
    const context = trace.getActiveSpan()?.spanContext();
    if (context === undefined || !isSpanContextValid(context)) return undefined;
    const flags = (context.traceFlags & 0xff).toString(16).padStart(2, '0');
    return `00-${context.traceId}-${context.spanId}-${flags}`.toLowerCase();
  } catch {
    return undefined;
  }
}

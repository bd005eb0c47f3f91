// grafana/dashboards/selfhealer-exporter.json, from grafana/exporter.ts.
import { exporter } from '../../grafana/exporter.js';

export const outputPath = 'grafana/dashboards/selfhealer-exporter.json';

export function render(): string {
  return `${JSON.stringify(exporter(), undefined, 2)}\n`;
}

// grafana/dashboards/selfhealer-overview.json, from grafana/overview.ts.
import { overview } from '../../grafana/overview.js';

export const outputPath = 'grafana/dashboards/selfhealer-overview.json';

export function render(): string {
  return `${JSON.stringify(overview(), undefined, 2)}\n`;
}

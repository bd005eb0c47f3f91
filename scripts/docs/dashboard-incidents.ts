// grafana/dashboards/selfhealer-incidents.json, from grafana/incidents.ts.
import { incidents } from '../../grafana/incidents.js';

export const outputPath = 'grafana/dashboards/selfhealer-incidents.json';

export function render(): string {
  return `${JSON.stringify(incidents(), undefined, 2)}\n`;
}

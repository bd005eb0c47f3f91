/**
 * `GET /`: where everything is, and the report as text. Without script and style, so it works
 * everywhere.
 */

const REFRESH_SECONDS = 15;

const LINKS = [
  ['/metrics', 'metrics for Prometheus'],
  ['/api/v1/report', 'the whole report as JSON'],
  ['/api/v1/report?format=text', 'the report as text'],
  ['/api/v1/incidents?state=open', 'open incidents'],
  ['/api/v1/recommendations', 'recommendations'],
  ['/openapi.json', 'the HTTP interface described'],
] as const;

/** `reportText` may hold anything that an event may say. */
export function page(reportText: string): string {
  const links = LINKS.map(([href, text]) => `<li><a href="${href}">${href}</a>: ${text}</li>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>selfhealer-exporter</title>
<h1>selfhealer-exporter</h1>
<ul>
${links.join('\n')}
</ul>
<pre>${escapeHtml(reportText)}</pre>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

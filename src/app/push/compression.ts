/** How a push may be packed, as OpenTelemetry's variables call it. */
export const COMPRESSIONS = ['none', 'gzip'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

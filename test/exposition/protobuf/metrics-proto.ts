/** The messages of Prometheus' metrics.proto, by their published field numbers, for decoding. */
import protobuf from 'protobufjs';

const SCHEMA = `
syntax = "proto2";
package io.prometheus.client;
message Timestamp { optional int64 seconds = 1; optional int32 nanos = 2; }
message LabelPair { optional string name = 1; optional string value = 2; }
enum MetricType { COUNTER = 0; GAUGE = 1; SUMMARY = 2; UNTYPED = 3; HISTOGRAM = 4; GAUGE_HISTOGRAM = 5; }
message Gauge { optional double value = 1; }
message Counter { optional double value = 1; optional Exemplar exemplar = 2; optional Timestamp created_timestamp = 3; }
message Quantile { optional double quantile = 1; optional double value = 2; }
message Summary { optional uint64 sample_count = 1; optional double sample_sum = 2; repeated Quantile quantile = 3; optional Timestamp created_timestamp = 4; }
message Untyped { optional double value = 1; }
message BucketSpan { optional sint32 offset = 1; optional uint32 length = 2; }
message Exemplar { repeated LabelPair label = 1; optional double value = 2; optional Timestamp timestamp = 3; }
message Bucket { optional uint64 cumulative_count = 1; optional double upper_bound = 2; optional Exemplar exemplar = 3; }
message Histogram {
  optional uint64 sample_count = 1; optional double sample_sum = 2; repeated Bucket bucket = 3;
  optional sint32 schema = 5; optional double zero_threshold = 6; optional uint64 zero_count = 7;
  repeated BucketSpan positive_span = 12; repeated sint64 positive_delta = 13;
  optional Timestamp created_timestamp = 15; repeated Exemplar exemplars = 16;
}
message Metric {
  repeated LabelPair label = 1; optional Gauge gauge = 2; optional Counter counter = 3; optional Summary summary = 4;
  optional Untyped untyped = 5; optional int64 timestamp_ms = 6; optional Histogram histogram = 7;
}
message MetricFamily { optional string name = 1; optional string help = 2; optional MetricType type = 3; repeated Metric metric = 4; optional string unit = 5; }
`;

export interface DecodedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metric: readonly DecodedMetric[];
}

interface Labelled {
  readonly label: readonly { readonly name: string; readonly value: string }[];
}

interface Time {
  readonly seconds: number;
  readonly nanos: number;
}

export interface DecodedExemplar extends Labelled {
  readonly value: number;
  readonly timestamp: Time;
}

export interface DecodedHistogram {
  readonly sample_count: number;
  readonly sample_sum: number;
  readonly bucket: readonly {
    readonly cumulative_count: number;
    readonly upper_bound: number;
    readonly exemplar?: DecodedExemplar;
  }[];
  readonly schema?: number;
  readonly zero_threshold?: number;
  readonly zero_count?: number;
  readonly positive_span: readonly { readonly offset: number; readonly length: number }[];
  readonly positive_delta: readonly number[];
  readonly created_timestamp?: Time;
  readonly exemplars: readonly DecodedExemplar[];
}

interface DecodedMetric extends Labelled {
  readonly gauge?: { readonly value: number };
  readonly counter?: { readonly value: number; readonly created_timestamp?: Time };
  readonly untyped?: { readonly value: number };
  readonly summary?: { readonly sample_count: number };
  readonly histogram?: DecodedHistogram;
}

const family = protobuf
  .parse(SCHEMA, { keepCase: true })
  .root.lookupType('io.prometheus.client.MetricFamily');

/** Every family of a delimited stream. Throws where it is none. */
export function decodeFamilies(bytes: Uint8Array): DecodedFamily[] {
  const reader = protobuf.Reader.create(bytes);
  const families: DecodedFamily[] = [];
  while (reader.pos < reader.len) {
    const message = family.decodeDelimited(reader);
    // The shape is that of the schema above.
    families.push(
      family.toObject(message, { longs: Number, enums: String, arrays: true }) as DecodedFamily,
    );
  }
  return families;
}

/** As Prometheus' text says it, without the braces. */
export function labelsOf({ label }: Labelled): string {
  return label.map(({ name, value }) => `${name}=${value}`).join(',');
}

/** Why an event was rejected or a delivery refused. Both lists are closed: they are label values and API codes. */

export const PROBLEM_CODES = [
  'invalid_utf8', // bytes that are no UTF-8
  'invalid_json', // not JSON, or not one object
  'event_too_large', // over 64 KiB
  'too_deep', // nested deeper than 32
  'invalid_envelope', // a CloudEvents attribute is missing or wrong
  'unknown_type', // no event type of this contract
  'missing_field', // a required field of data is absent
  'invalid_field', // of the wrong JSON type
  'invalid_identifier', // length, characters or reserved word
  'unknown_word', // not a word of a closed list
  'invalid_number', // not finite, negative, or out of bounds
  'invalid_time', // not RFC 3339 nor Python's str(datetime)
  'time_out_of_range', // before 2000, or more than five minutes ahead
  'too_old', // older than what retention has forgotten: can no longer be told from a duplicate
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** One rejected event of a delivery. */
export interface Problem {
  /** 0-based, over the items of the delivery. */
  readonly index: number;
  readonly code: ProblemCode;
  /** What, where, got, wanted. */
  readonly message: string;
}

export const REFUSAL_CODES = [
  'malformed_body', // the body cannot be split into items
  'body_too_large', // over 16 MiB decoded
  'too_many_events', // over 50,000
  'unsupported_media_type',
  'unsupported_encoding', // neither gzip nor none
  'invalid_encoding', // gzip that does not unpack, or packed for the way
  'unauthorized',
  'forbidden',
  'request_timeout', // the client was too slow, or went away
  'overloaded', // the queue is full
  'store_unavailable', // out of disk, or the store failed
  'not_ready', // recovery from the log is not complete
  'shutting_down',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

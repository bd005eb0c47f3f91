/** The names that are looked for in events, and the place of what stands behind each. */
import type { BodyBytes } from './body-bytes.js';
import { ATTRIBUTE_NAMES, FIELD_NAMES } from './field-names.js';
import { QuotedName } from './known-text.js';
import { AGENT_OF_METADATA, FIELD_PLACES } from './places.js';

const BYTES_AT_A_TIME = 4;

/** The name of a field, and the place of what stands in it. */
class FieldName extends QuotedName {
  constructor(
    name: string,
    readonly place: number,
    /** What is looked for inside of the object that stands there. */
    readonly inner: NameTable | undefined,
  ) {
    super(name);
  }
}

/** The names that are looked for in an object. */
export class NameTable {
  /** Open addressing, by how a name begins. */
  readonly #fields: (FieldName | undefined)[];
  readonly #shift: number;

  constructor(names: readonly string[], firstPlace: number, inner: Record<string, NameTable> = {}) {
    const bits = 2 + Math.ceil(Math.log2(names.length + 1));
    this.#shift = 32 - bits;
    this.#fields = Array.from({ length: 2 ** bits });
    for (const [i, name] of names.entries()) {
      const field = new FieldName(name, firstPlace + i, inner[name]);
      let at = this.#hash(field.beginning);
      while (this.#fields[at] !== undefined) at = this.#behind(at);
      this.#fields[at] = field;
    }
  }

  /** The one whose opening quote is the byte at `at`. */
  fieldAt(body: BodyBytes, at: number): FieldName | undefined {
    if (at + BYTES_AT_A_TIME > body.length) return undefined;
    let place = this.#hash(body.fourAt(at));
    for (;;) {
      const field = this.#fields[place];
      if (field === undefined || field.isAt(body, at)) return field;
      place = this.#behind(place);
    }
  }

  #hash(beginning: number): number {
    return Math.imul(beginning, 0x2c1b3c6d) >>> this.#shift;
  }

  #behind(place: number): number {
    return place + 1 < this.#fields.length ? place + 1 : 0;
  }
}

export const NO_NAMES = new NameTable([], 0);
const METADATA = new NameTable(['agent_id'], AGENT_OF_METADATA);
const FIELDS = new NameTable(FIELD_NAMES, FIELD_PLACES, { metadata: METADATA });
export const ATTRIBUTES = new NameTable(ATTRIBUTE_NAMES, 0, { data: FIELDS });

/** The bytes of a body, one or four at a time. */
export class BodyBytes {
  readonly length: number;
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.length = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Those from `at` on, as one number; they must all be there. */
  fourAt(at: number): number {
    return this.view.getInt32(at, true);
  }
}

/**
 * How the store packs text: at brotli's lowest quality, which takes half the time of the fastest deflate for
 * the same size. Every event passes here once, and is rarely read again.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const QUALITY = 0;
/** What a full block packs to fits in one piece; several would be joined. */
const PIECE_BYTES = 64 * 1024;

export function compress(bytes: Uint8Array): Buffer {
  return brotliCompressSync(bytes, {
    chunkSize: PIECE_BYTES,
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

/** Throws when the bytes are not what `compress` gave, or unpack to more than `bytesMax`. */
export function decompress(bytes: Uint8Array, bytesMax?: number): Buffer {
  return brotliDecompressSync(bytes, bytesMax === undefined ? {} : { maxOutputLength: bytesMax });
}

/** Bytes of files as strings of a program, and back: UTF-8 or base64, and nothing is replaced on the way. */
import { type FileCall, fileError } from './file-errors.ts';

export type Encoding = 'utf-8' | 'base64';

/** A file's bytes as a string. Throws `IO_ENCODING` where they are not UTF-8. A byte order mark stays. */
export function decodeBytes(call: FileCall, bytes: Uint8Array, encoding: Encoding): string {
  if (encoding === 'base64') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw fileError('IO_ENCODING', call, `Not UTF-8: ${call.asked}`, '{:encoding "base64"} reads any bytes', error);
  }
}

/**
 * A string as the bytes to write. Throws `IO_ENCODING` for half of a surrogate pair, `CAP_INPUT` for what is not
 * base64.
 */
export function encodeText(call: FileCall, text: string, encoding: Encoding): Uint8Array {
  if (encoding === 'utf-8') {
    if (text.isWellFormed()) return Buffer.from(text, 'utf8');
    throw fileError(
      'IO_ENCODING',
      call,
      `The content has half of a surrogate pair, which UTF-8 cannot say: ${call.asked}`,
      '{:encoding "base64"} writes any bytes',
    );
  }
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is not base64; encoding anew shows whether it skipped something.
  if (bytes.toString('base64') === text) return bytes;
  throw fileError(
    'CAP_INPUT',
    call,
    `The content is not base64: ${call.asked}`,
    'standard alphabet, padded, no line breaks',
  );
}

/**
 * Values too long for one frame (M8.2): on the way out their JSON text is cut into `blob` frames that go before the frame that
 * names them, on the way in it is put together again. Used on both sides; bytes and base64 are the platform's (`TextCodec`).
 */
import type { Json } from '@ccos/rtfs';
import { BLOB_DATA_MAX, INLINE_VALUE_MAX, type Frame } from './frames.ts';

/** UTF-8 and base64 of a platform: text to the base64 of its UTF-8 bytes and back. */
export interface TextCodec {
  toBase64(text: string): string;
  fromBase64(data: string): string;
}

/** The reason a frame breaks the rules of blobs; the session makes a violation of it. */
export class BlobViolation extends Error {}

interface BlobFrame {
  readonly blob: number;
  readonly seq: number;
  readonly last: boolean;
  readonly data: string;
}

/** Sends long values ahead of the frame that needs them. */
export class BlobWriter {
  #next = 0;
  readonly #codec: TextCodec;
  readonly #send: (frame: BlobFrame) => void;

  constructor(codec: TextCodec, send: (frame: BlobFrame) => void) {
    this.#codec = codec;
    this.#send = send;
  }

  /** The value itself when it is short; otherwise sends it and answers its name. */
  out(value: Json): Json {
    if (surelyShort(value)) return value;
    const text = JSON.stringify(value);
    // No text has fewer bytes than characters, so only those in between have to be counted.
    const { length } = text;
    if (length * 3 <= INLINE_VALUE_MAX || (length <= INLINE_VALUE_MAX && utf8Length(text) <= INLINE_VALUE_MAX))
      return value;
    const blob = this.#next++;
    const data = this.#codec.toBase64(text);
    for (let at = 0, seq = 0; at === 0 || at < data.length; at += BLOB_DATA_MAX, seq++) {
      this.#send({ blob, seq, last: at + BLOB_DATA_MAX >= data.length, data: data.slice(at, at + BLOB_DATA_MAX) });
    }
    return { $blob: blob };
  }
}

/** Items of a list that are looked at one by one. */
const FEW_ITEMS = 16;
/** The longest escape of a UTF-16 unit, and more than any scalar but a string has. */
const ESCAPE_BYTES = 6,
  SCALAR_BYTES = 32;

/** Scalars, and short lists of them, need no second serialisation to know that they fit. */
function surelyShort(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return scalarBytes(value) <= INLINE_VALUE_MAX;
  if (!Array.isArray(value) || value.length > FEW_ITEMS) return false;
  let bytes = 2;
  for (const item of value as readonly Json[]) bytes += scalarBytes(item) + 1;
  return bytes <= INLINE_VALUE_MAX;
}

/** More bytes than the text of a scalar has; Infinity for what has to be written to be measured. */
function scalarBytes(value: Json): number {
  if (typeof value === 'string') return value.length * ESCAPE_BYTES + 2;
  return typeof value !== 'object' || value === null ? SCALAR_BYTES : Infinity;
}

/** Bytes of the text in UTF-8; lone surrogates count as three, as any encoder writes them. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

/** Collects blobs of the other side. All that live at once stay below `bytesMax` (M8.2). */
export class BlobReader {
  readonly #codec: TextCodec;
  readonly #bytesMax: number;
  readonly #open = new Map<number, string[]>();
  readonly #whole = new Map<number, string>();
  #bytes = 0;
  #lastBlob = -1;

  constructor(codec: TextCodec, bytesMax: number) {
    this.#codec = codec;
    this.#bytesMax = bytesMax;
  }

  /** Takes one blob frame. Throws `BlobViolation`. */
  take(frame: Frame<'blob'>): void {
    if (frame.data.length > BLOB_DATA_MAX) throw new BlobViolation(`blob data over ${BLOB_DATA_MAX} characters`);
    const parts = this.#open.get(frame.blob) ?? this.#begin(frame);
    if (frame.seq !== parts.length) throw new BlobViolation('blob frames out of order');
    this.#bytes += frame.data.length;
    if (this.#bytes > this.#bytesMax) throw new BlobViolation(`blobs over ${this.#bytesMax} bytes`);
    parts.push(frame.data);
    if (!frame.last) return;
    this.#open.delete(frame.blob);
    this.#whole.set(frame.blob, parts.join(''));
  }

  #begin(frame: Frame<'blob'>): string[] {
    if (frame.seq !== 0 || frame.blob <= this.#lastBlob) throw new BlobViolation('a blob that does not begin');
    this.#lastBlob = frame.blob;
    const parts: string[] = [];
    this.#open.set(frame.blob, parts);
    return parts;
  }

  /** The value that a field means: itself, or the blob that it names, which is used up. Throws `BlobViolation`. */
  in(field: Json): Json {
    if (typeof field !== 'object' || field === null || !Object.hasOwn(field, '$blob')) return field;
    const name = (field as { $blob: Json }).$blob;
    const data = typeof name === 'number' && Object.keys(field).length === 1 ? this.#whole.get(name) : undefined;
    if (data === undefined) throw new BlobViolation('a blob that was not sent');
    this.#whole.delete(name as number);
    this.#bytes -= data.length;
    try {
      return JSON.parse(this.#codec.fromBase64(data)) as Json;
    } catch {
      throw new BlobViolation('a blob that is not JSON');
    }
  }
}

/**
 * The container of a compiled program (M1): a program after reading and expansion, as bytes. It is data, never code of any engine: a
 * tree of forms with their spans, which whoever runs it analyses and compiles like the forms of a text.
 *
 * ```
 * container  magic (8) · version (1) · digest (32) · hash of the source (32) · payload
 * payload    strings · expansions · file · modules · forms of the program · one module form a module
 * strings    count, each: bytes, UTF-8
 * modules    count, each: name, file (indices of strings)
 * form       operation + 32 × way of its span · span · operands
 * ```
 *
 * Numbers are LEB128; signed ones zigzag. The digest is the SHA-256 of `ccos/v1/program`, a NUL, and all bytes behind it.
 */
import { sha256 } from '../stdlib/sha256.ts';
import { utf8 } from '../stdlib/utf8.ts';

/** The first bytes. The first of them begins no UTF-8 text, and the line ends show a copy that took them for text. */
const MAGIC = Uint8Array.of(0x8d, 0x52, 0x54, 0x46, 0x53, 0x0d, 0x0a, 0x1a);
/** Bytes of the magic that must be right for a container to be one, if a broken one. */
const MAGIC_LEAST = MAGIC.length - 1;
/** The version of the container that this file describes. */
export const VERSION = 1;
const DIGEST_AT = MAGIC.length + 1;
const HASH_BYTES = 32;
const BODY_AT = DIGEST_AT + HASH_BYTES;
/** Where the payload begins. */
export const PAYLOAD_AT = BODY_AT + HASH_BYTES;

/** Bytes of the largest container: what the text of a program with its modules may come to. */
export const BYTES_MAX = 8 * 1024 * 1024;
/** Forms of the largest program, its modules' included. */
export const FORMS_MAX = 1_000_000;
/** Expansions of R9.6, which are told in a run's usage. */
export const EXPANSIONS_MAX = 10_000;

/** The operation of a form: its low five bits of the first byte. */
export const OPS = [
  'nil',
  'true',
  'false',
  'int',
  'long',
  'float',
  'string',
  'keyword',
  'regex',
  'symbol',
  'symbol-meta',
  'list',
  'vector',
  'map',
  'set',
  'list-meta',
  'vector-meta',
  'quote',
  'quasiquote',
  'unquote',
  'splice',
  'deref',
  'annotation',
] as const;
export type Op = (typeof OPS)[number];
export const CODE = Object.fromEntries(OPS.map((op, code) => [op, code])) as Readonly<Record<Op, number>>;

/** How a span is told: that of the form before; on the line of the form before; anywhere in its file; with the file. */
export const SPAN = { same: 0, line: 1, near: 2, file: 3 } as const;

/** Why bytes are no program (M1.4). */
export class BytecodeError extends Error {
  readonly hint: string;
  constructor(why: string, hint = 'compile the plan again') {
    super(`Cannot take the bytecode: ${why}`);
    this.hint = hint;
  }
}

/** True for bytes that are a container, or were one before a byte of them changed. */
export function isBytecode(bytes: Uint8Array): boolean {
  return MAGIC.filter((byte, i) => bytes[i] === byte).length >= MAGIC_LEAST;
}

/** The digest of a container, in lower-case hex: that of all bytes behind it. */
function digestOf(behind: Uint8Array): string {
  const domain = utf8('ccos/v1/program\0');
  const bytes = new Uint8Array(domain.length + behind.length);
  bytes.set(domain);
  bytes.set(behind, domain.length);
  return sha256(bytes);
}

/** The container around a payload. `source` is the hash of what it was made of, 64 hex digits. Throws BytecodeError. */
export function seal(source: string, payload: Uint8Array): Uint8Array {
  if (PAYLOAD_AT + payload.length > BYTES_MAX)
    throw new BytecodeError(`it would have more than ${BYTES_MAX} bytes`, 'make the plan smaller');
  const bytes = new Uint8Array(PAYLOAD_AT + payload.length);
  bytes.set(MAGIC);
  bytes[MAGIC.length] = VERSION;
  bytes.set(fromHex(source), BODY_AT);
  bytes.set(payload, PAYLOAD_AT);
  bytes.set(fromHex(digestOf(bytes.subarray(BODY_AT))), DIGEST_AT);
  return bytes;
}

/** What stands before the payload, checked (M1.4). Throws BytecodeError. */
export function unseal(bytes: Uint8Array): {
  readonly digest: string;
  readonly source: string;
  readonly payload: Uint8Array;
} {
  if (bytes.length > BYTES_MAX) throw new BytecodeError(`it has more than ${BYTES_MAX} bytes`);
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw new BytecodeError('it does not begin as bytecode does');
  const version = bytes[MAGIC.length];
  if (version !== VERSION) {
    const told = version === undefined ? 'no version' : `version ${version}`;
    throw new BytecodeError(`its container has ${told}, and this CCOS reads version ${VERSION}`);
  }
  if (bytes.length <= PAYLOAD_AT) throw new BytecodeError('it is cut off');
  const digest = toHex(bytes.subarray(DIGEST_AT, BODY_AT));
  if (digestOf(bytes.subarray(BODY_AT)) !== digest)
    throw new BytecodeError(
      'its bytes do not have the digest that it names',
      'it was changed or cut off: compile again',
    );
  return { digest, source: toHex(bytes.subarray(BODY_AT, PAYLOAD_AT)), payload: bytes.subarray(PAYLOAD_AT) };
}

function fromHex(hex: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new BytecodeError('the hash of its source is none');
  return Uint8Array.from({ length: HASH_BYTES }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Objects (A2.1): the bytes that are hashed, stored and read back, and nothing else. */
import { canonicalText, parseCanonicalText, type Parsed } from '../foundation/canonical-json.ts';
import { domain, sha256, type Hash } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import type { CorruptObject } from './archive.ts';

/** The type and body of an object. */
export interface ObjectContent {
  readonly type: string;
  readonly body: Parsed;
}
/** An object and the hash that names it. */
export interface SealedObject {
  readonly hash: Hash;
  readonly text: string;
}

/** The object of a typed body (A2.1). Throws `TYPE_TAG`, `CANONICAL_UNSUPPORTED`, `CANONICAL_LIMIT` (A2.3). */
export function sealObject(type: string, body: unknown): SealedObject {
  const text = canonicalText({ body, type });
  return { hash: sha256(domain(type) + text), text };
}

/** What an object's bytes are, against the hash that names them (A5.1, A5.2). */
export type Opened =
  | { readonly content: ObjectContent }
  | { readonly fault: CorruptObject['reason']; readonly found: string | null };

/** The type stands last in the canonical text, so that bytes can be hashed before they are parsed. */
const TYPE_AT_END = /,"type":"([a-z0-9-]{1,32})"\}$/;

/** Prefixes that are remembered: more types than there are mean that somebody made them up. */
const PREFIXES_MAX = 64;

/** Opens bytes under the hash that names them; says what is wrong instead of throwing. */
export function openObject(hash: Hash, bytes: Buffer): Opened {
  const text = bytes.toString('utf8');
  const type = TYPE_AT_END.exec(text.slice(-48))?.[1];
  if (type === undefined) return { fault: 'form', found: null };
  const prefix = prefixOf(type);
  if (prefix === null) return { fault: 'type', found: null };
  const found = sha256(Buffer.concat([prefix, bytes]));
  if (found !== hash) return { fault: 'hash', found };
  try {
    const parsed = parseCanonicalText(text);
    if (isContent(parsed)) return { content: parsed };
  } catch {
    /* Told below: bytes that hash right and are no object (A5.2). */
  }
  return { fault: 'form', found };
}

const prefixes = new Map<string, Buffer>();

/** What is hashed before an object's bytes; null for what is no type. There are few types, and each is encoded once. */
function prefixOf(type: string): Buffer | null {
  const known = prefixes.get(type);
  if (known !== undefined) return known;
  try {
    const prefix = Buffer.from(domain(type), 'utf8');
    if (prefixes.size < PREFIXES_MAX) prefixes.set(type, prefix);
    return prefix;
  } catch {
    return null;
  }
}

function isContent(parsed: Parsed): parsed is Parsed & { body: Parsed; type: string } {
  return (
    typeof parsed === 'object' &&
    parsed !== null &&
    !Array.isArray(parsed) &&
    Object.keys(parsed).join() === 'body,type' &&
    typeof parsed['type'] === 'string'
  );
}

/** `ARCHIVE_CORRUPT {hash, found, path, size}` (A5.1). */
export function corrupt(hash: Hash, path: string, size: number, found: string | null): CcosError {
  return new CcosError('ARCHIVE_CORRUPT', `Cannot trust the object ${hash}: its bytes are not what its name says`, {
    details: { hash, found, path, size },
    hint: 'ccos archive verify names everything that is bad, and ccos archive repair keeps it aside',
  });
}

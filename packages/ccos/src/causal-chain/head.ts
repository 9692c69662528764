/** Signed heads (L6): what a chain was at a size, so that nothing before it can be changed unnoticed. */
import { join } from 'node:path';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { canonicalText, parseCanonicalText } from '../foundation/canonical-json.ts';
import { domain } from '../foundation/digest.ts';
import type { Files } from '../foundation/files.ts';
import { readWhole } from '../foundation/files.ts';
import type { KeyPair, PublicKey } from './keys.ts';
import { headShape } from './payloads.ts';

/** A head (L6.1): `size` records, `last` the hash of the newest, `bytes` of the newest segment, `root` of the Merkle tree. */
export interface Head {
  readonly v: 1;
  readonly chain: string;
  readonly size: number;
  readonly last: string;
  readonly root: string;
  readonly segment: string;
  readonly bytes: number;
  readonly time: number;
  readonly key: string;
  readonly sig: string;
}

const HEAD_DOMAIN = domain('chain-head');
const signedText = (unsigned: Omit<Head, 'sig'>): string => HEAD_DOMAIN + canonicalText(unsigned);

/** Signs a head. */
export function signedHead(unsigned: Omit<Head, 'sig' | 'key' | 'v'>, key: KeyPair): Head {
  const whole = { ...unsigned, key: key.id, v: 1 } as const;
  return { ...whole, sig: key.sign(signedText(whole)) };
}

/** True when the signature is the key's. */
export function headVerifies(head: Head, key: PublicKey): boolean {
  const { sig, ...unsigned } = head;
  return head.key === key.id && key.verifies(signedText(unsigned), sig);
}

/** True for one and the same head. */
export function sameHead(a: Head, b: unknown): boolean {
  return canonicalText(a) === canonicalText(b);
}

/** What `head.json` is: absent, not a head, or a head whose signature nobody has looked at yet. */
export type HeadFile = { readonly head: Head } | { readonly head: null; readonly found: 'absent' | 'no head' };

/** Reads `head.json` of a chain folder. Throws what the system says. */
export function readHeadFile(folder: string, files: Files): HeadFile {
  const bytes = readWhole(files, headPath(folder));
  if (bytes === null) return { head: null, found: 'absent' };
  const head = parsedHead(bytes.toString('utf8'));
  return head === null ? { head, found: 'no head' } : { head };
}

/** A head from the text of its file, or null when it is none; its signature is not looked at. */
export function parsedHead(text: string): Head | null {
  try {
    const parsed = parseCanonicalText(text.replace(/\n$/, ''));
    return headShape(parsed) === null ? (parsed as unknown as Head) : null;
  } catch {
    return null;
  }
}

/** The text of a head's file. */
export function headText(head: Head): string {
  return `${canonicalText(head)}\n`;
}

/** Writes `head.json` atomically and durably (L6.2). Throws `IO`. */
export async function writeHeadFile(folder: string, head: Head, files: Files): Promise<void> {
  await writeFileAtomic(headPath(folder), headText(head), { files });
}

/** The path of the signed head. */
export function headPath(folder: string): string {
  return join(folder, 'head.json');
}

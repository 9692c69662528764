/** Records as they stand in the files: a line and what it says. */
import { CcosError } from '../foundation/errors.ts';
import type { ChainRecord } from './record.ts';

/** A record and the line it stands in, without its newline. */
export interface StoredRecord {
  readonly record: ChainRecord;
  readonly line: string;
}

/** The record of a line that stands at a number. Whether it is true is `verify`'s to judge. Throws `CHAIN_BROKEN`. */
export function parsedLine(text: string | null, seq: number): ChainRecord {
  try {
    const record = JSON.parse(text ?? '') as ChainRecord | null;
    if (record !== null && typeof record === 'object' && record.seq === seq && isObject(record.payload)) return record;
  } catch {
    /* Told below. */
  }
  throw broken(seq, 'the line is no record of that number');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** `CHAIN_BROKEN {seq, reason}` (L14.2). */
export function broken(seq: number, reason: string): CcosError {
  return new CcosError('CHAIN_BROKEN', `Cannot trust the chain: record ${seq} does not verify (${reason})`, {
    details: { seq, reason },
    hint: 'ccos verify tells what is wrong; restore the file from a copy, or start a new chain: --home DIR',
  });
}

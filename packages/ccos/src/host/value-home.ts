/** Where a value of a run stands (L9.7, L9.8): in the record, in the archive, or nowhere but as a digest and a size. */
import type { Json, Value } from '@ccos/rtfs';
import { encode } from '@ccos/rtfs';
import type { JsonValue } from '../causal-chain/record.ts';

/** A value whose canonical JSON is larger goes to the archive. */
const INLINE_BYTES_MAX = 16 * 1024;

/** Stores a value in the archive, durably, and returns its hash. */
export type ArchiveRefs = (value: Json) => Promise<string>;

/** What a run keeps, and where. */
export interface ValueHomes {
  readonly archive: ArchiveRefs;
  readonly record: 'values' | 'digests';
}

/** The members of a payload that hold the value: `result`, or `resultRef` and `resultBytes`, or `resultBytes` alone. */
export async function homeOf(
  name: 'args' | 'result',
  { value, bytes }: { readonly value: Value; readonly bytes: number },
  homes: ValueHomes,
): Promise<Record<string, JsonValue>> {
  if (homes.record === 'digests') return { [`${name}Bytes`]: bytes };
  if (bytes <= INLINE_BYTES_MAX) return { [name]: encode(value) };
  return { [`${name}Ref`]: await homes.archive(encode(value)), [`${name}Bytes`]: bytes };
}

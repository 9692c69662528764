/** What the writer of the chain refuses, in words. */
import { CcosError } from '../foundation/errors.ts';
import type { ChainFold } from './fold.ts';
import type { RecordDraft } from './record.ts';

/** `CHAIN_UNAVAILABLE`: the chain is signed with a key that is not there. */
export function keyLost(home: string): CcosError {
  return new CcosError('CHAIN_UNAVAILABLE', `Cannot append to the chain: ${home}/keys holds no key of it`, {
    details: { path: `${home}/keys` },
    hint: 'put the key back, or start a new chain: --home DIR',
  });
}

/** `CHAIN_UNAVAILABLE {errno}`: a record cannot be written (L8.5). */
export function unavailable(errno: string, what: string, cause?: unknown): CcosError {
  return new CcosError('CHAIN_UNAVAILABLE', `Cannot append to the chain: ${what} (${errno})`, {
    details: { errno },
    cause,
    hint: 'make room on the disk and start again: nothing runs without its record',
  });
}

/** What stands against a draft behind the records so far: its own id is taken, or its parent is not among them (L5.2). */
export function parentFault(fold: ChainFold, draft: RecordDraft): CcosError | null {
  if (draft.id !== undefined && fold.has(draft.id)) {
    return new CcosError('CHAIN_SCHEMA', `Cannot record ${draft.kind}: the id ${draft.id} is taken`, {
      details: { pointer: '/id' },
      hint: 'give each record its own id',
    });
  }
  if (draft.parent === undefined || fold.has(draft.parent)) return null;
  return new CcosError(
    'CHAIN_PARENT',
    `Cannot record ${draft.kind}: its parent ${draft.parent} does not come before it`,
    {
      details: { pointer: '/parent', parent: draft.parent },
      hint: 'append the parent first',
    },
  );
}

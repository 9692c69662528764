/** Which objects of the archive a record names (A10.1, A10.2). */
import type { Hash } from '../foundation/digest.ts';
import { isHash } from '../foundation/digest.ts';
import type { ChainRecord, JsonValue } from './record.ts';

/** `…Hash` and `…Ref` are archive hashes (A1.6); so are these, by their kinds' own words. */
const NAMES = /(?:Hash|Ref)$|^(?:before|after|plan)$/;
const CHECKPOINT = /^cp-([0-9a-f]{64})$/;

/**
 * The hashes under which a record expects objects in the archive. A call tells the manifest that it was checked against, which is
 * archived only when somebody registered it: then the record of that names it too.
 */
export function objectsNamedBy({ kind, payload, plan }: Pick<ChainRecord, 'kind' | 'payload' | 'plan'>): Hash[] {
  const named: Hash[] = [];
  const look = (name: string, value: JsonValue | undefined): void => {
    if (typeof value === 'string' && !(kind === 'CapabilityCall' && name === 'manifestHash')) {
      const checkpoint = name === 'checkpoint' ? CHECKPOINT.exec(value)?.[1] : undefined;
      if (checkpoint !== undefined) named.push(checkpoint);
      else if (NAMES.test(name) && isHash(value)) named.push(value);
    }
  };
  look('plan', plan);
  for (const [name, value] of Object.entries(payload)) look(name, value);
  return named;
}

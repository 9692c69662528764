/** `ccos intent link FROM TYPE TO` (I10): adds an edge. */
import { CcosError } from '../../foundation/errors.ts';
import { nearestName } from '../../foundation/nearest.ts';
import { edgeText } from '../../intents/edge-checks.ts';
import { EDGE_TYPES, type EdgeType } from '../../model/intent.ts';
import type { Run } from '../invocation.ts';
import { withIntents } from './open.ts';

/** Throws `USAGE`, `INTENT_EDGE_*`, `INTENT_INVALID`, and what opening throws. */
export const link: Run = async ({ operands, options, output }) => {
  const [from = '', type = '', to = ''] = operands;
  const edge = await withIntents({ options, output }, (intents) =>
    intents.storeEdge({
      from,
      edge_type: wordOf('type of an edge', type, EDGE_TYPES) satisfies EdgeType,
      to,
      weight: options.weight ?? null,
    }),
  );
  if (output.json) output.document(edge);
  else output.line(edgeText(edge));
  return 0;
};

/** One of some words. Throws `USAGE` with the nearest. */
export function wordOf<Word extends string>(what: string, given: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  const near = words.find((word) => word.toLowerCase() === given.toLowerCase()) ?? nearestName(given, words);
  throw new CcosError('USAGE', `Cannot read ${JSON.stringify(given)} as the ${what}`, {
    hint: `${near === null ? '' : `did you mean ${near}? `}it is one of ${words.join(', ')}`,
  });
}

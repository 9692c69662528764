/** `ccos intent add GOAL` (I10): prints the id of the new intent. */
import { CcosError } from '../../foundation/errors.ts';
import type { StringMap } from '../../model/intent.ts';
import type { Run } from '../invocation.ts';
import { withIntents } from './open.ts';

/** Throws `USAGE`, `INTENT_INVALID`, `INTENT_SOURCE`, and what opening throws. */
export const add: Run = async ({ operands, options, output }) => {
  const [goal = ''] = operands;
  const constraints = constraintsOf(options.constraint ?? []);
  const intent = await withIntents({ options, output }, (intents) =>
    intents.storeIntent({ goal, constraints, success_criteria: options.criteria ?? null }),
  );
  if (output.json) output.document(intent);
  else output.line(intent.intent_id);
  return 0;
};

function constraintsOf(given: readonly string[]): StringMap {
  const entries = given.map((text) => {
    const at = text.indexOf('=');
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)] as const;
    throw new CcosError('USAGE', `Cannot read ${JSON.stringify(text)} as the NAME=RTFS of --constraint`, {
      hint: '--constraint takes a name, an equals sign and a form of RTFS: max-cost=5',
    });
  });
  return Object.fromEntries(entries);
}

/** `ccos intent search TEXT` (I6, I10): what fits best comes first. */
import { searchIntents } from '../../intents/search.ts';
import type { Run } from '../invocation.ts';
import { intentLine, readIntents } from './open.ts';

/** Throws `INTENT_CORRUPT`, and what opening throws. */
export const search: Run = async ({ operands, options, output }) => {
  const reader = await readIntents({ options, output });
  const found = searchIntents(await reader.read(), operands[0] ?? '');
  if (output.json) output.document(found);
  else for (const { intent, score } of found) output.line(`${score.toFixed(2)}  ${intentLine(intent)}`);
  return 0;
};

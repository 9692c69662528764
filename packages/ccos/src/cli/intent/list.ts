/** `ccos intent list` (I10): the intents, one a line, oldest first. */
import type { Run } from '../invocation.ts';
import { intentLine, readIntents } from './open.ts';

/** Throws `INTENT_CORRUPT`, and what opening throws. */
export const list: Run = async ({ options, output }) => {
  const reader = await readIntents({ options, output });
  const found = await reader.listIntents({ status: options.status });
  if (output.json) output.document(found);
  else for (const intent of found) output.line(intentLine(intent));
  return 0;
};

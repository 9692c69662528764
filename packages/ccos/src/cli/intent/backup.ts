/** `ccos intent backup FILE` (I8, I10): the graph in one file that verifies by itself. */
import { resolve } from 'node:path';
import { formatCount } from '../count.ts';
import type { Run } from '../invocation.ts';
import { readIntents } from './open.ts';

/** Throws `INTENT_CORRUPT`, `IO`, and what opening throws. */
export const backup: Run = async ({ operands, options, output }) => {
  const path = resolve(operands[0] ?? '');
  const reader = await readIntents({ options, output });
  const written = await reader.backup(path);
  if (output.json) output.document({ path, ...written });
  else
    output.line(
      `${formatCount(written.intents, 'intent')} and ${formatCount(written.edges, 'edge')} written to ${path}`,
    );
  return 0;
};

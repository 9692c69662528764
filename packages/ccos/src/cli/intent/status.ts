/** `ccos intent status ID STATUS --reason TEXT` (I10): moves an intent through its life. */
import { CcosError } from '../../foundation/errors.ts';
import { INTENT_STATUSES } from '../../model/intent.ts';
import type { Run } from '../invocation.ts';
import { wordOf } from './link.ts';
import { intentLine, withIntents } from './open.ts';

/** Throws `USAGE`, `INTENT_NOT_FOUND`, `INTENT_TRANSITION`, and what opening throws. */
export const status: Run = async ({ operands, options, output }) => {
  const [id = '', word = ''] = operands;
  const to = wordOf('status', word, INTENT_STATUSES);
  const { reason } = options;
  if (reason === undefined) {
    throw new CcosError('USAGE', 'ccos intent status needs --reason', {
      hint: `say why, for the record: ccos intent status ${id} ${to} --reason TEXT`,
    });
  }
  const intent = await withIntents({ options, output }, (intents) => intents.transition(id, to, { reason }));
  if (output.json) output.document(intent);
  else output.line(intentLine(intent));
  return 0;
};

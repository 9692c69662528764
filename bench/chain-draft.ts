/** The record that the rows of the chain append. */
import type { RecordDraft } from '../packages/ccos/src/causal-chain/record.ts';

const HASH = 'a'.repeat(64);

/** A record of a call, whose line has about 600 bytes. */
export const draft: RecordDraft = {
  kind: 'CapabilityCall',
  principal: 'host',
  step: '0.1#0',
  payload: {
    callPath: '0.2#0',
    capability: 'ccos.io.write-file',
    args: [],
    argsDigest: `sha256:${HASH}`,
    idempotencyKey: HASH,
    effects: [':file-write'],
    manifestHash: HASH,
    attempt: 1,
  },
};

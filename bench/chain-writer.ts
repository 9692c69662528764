/** A worker that writes a chain of so many records. */
import { workerData } from 'node:worker_threads';
import { openChain } from '../packages/ccos/src/causal-chain/chain.ts';
import { draft } from './chain-draft.ts';

const BATCH = 64;
const { home, records } = workerData as { readonly home: string; readonly records: number };
const chain = await openChain(home);
for (let n = 0; n < records; n += BATCH)
  await Promise.all(Array.from({ length: BATCH }, () => chain.append(draft, 'written')));
await chain.close();

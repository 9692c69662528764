/**
 * A process that keeps records and objects until it is killed. Prints a line for each promise that it was given: what was
 * printed must be found again. Arguments: home, workload, fault as JSON or `null`, count.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { CODECS, valueEntity } from '../../src/archive/codecs.ts';
import { openFileArchive } from '../../src/archive/file.ts';
import { openChain, type Chain } from '../../src/causal-chain/chain.ts';
import { faultyFiles, type Fault } from './faulty-files.ts';

const [home = '', workload = '', faultText = 'null', countText = '5'] = process.argv.slice(2);
const { files, count: calls } = faultyFiles(JSON.parse(faultText) as Fault | null);
const count = Number(countText);
// Straight to the descriptor: a promise that was printed is known even if the next thing is the end.
const say = (line: string): void => {
  fs.writeSync(1, `${line}\n`);
};

async function append(chain: Chain, n: number): Promise<void> {
  const { id } = await chain.append({
    kind: 'InternalStep',
    principal: 'host',
    payload: { name: 'note', detail: { n, pid: process.pid } },
  });
  say(`record ${id}`);
}

async function keepRecords(segmentBytesMax?: number): Promise<void> {
  const chain = await openChain(home, segmentBytesMax === undefined ? { files } : { files, segmentBytesMax });
  if (workload === 'together') await Promise.all(Array.from({ length: count }, (_none, n) => append(chain, n)));
  else for (let n = 0; n < count; n++) await append(chain, n);
  await chain.close();
}

async function keepObjects(): Promise<void> {
  const archive = await openFileArchive(join(home, 'archive'), CODECS, { files });
  for (let n = 0; n < count; n++) say(`object ${await archive.store(valueEntity({ n, text: 'x'.repeat(2_000) }))}`);
  await archive.close();
}

try {
  if (workload === 'objects') await keepObjects();
  else await keepRecords(workload === 'rotate' ? 1_500 : undefined);
  say(`calls ${calls()}`);
} catch (error) {
  say(`error ${(error as { code?: string }).code}`);
}

/** `npm run drill -- --rounds N [--seed S]`: random crash drills of the archive (A13), and what they came to. */
import { parseArgs } from 'node:util';
import { Drill, randomRounds } from './archive-drill.ts';
import { seededRandom } from './random.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '500' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
const drill = new Drill();
try {
  const start = performance.now();
  const tally = await randomRounds(drill, Number(values.rounds), seededRandom(seed));
  for (const [line, count] of Object.entries(tally).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    process.stdout.write(`${String(count).padStart(6)}  ${line}\n`);
  const seconds = (performance.now() - start) / 1_000;
  process.stdout.write(`${values.rounds} rounds in ${seconds.toFixed(1)} s, seed ${seed}: nothing was lost\n`);
} finally {
  drill.close();
}

/**
 * A process that works on the intents of a home until it is killed. Prints a line for each promise that it was given: what was
 * printed must be found again. Arguments: home, workload, fault as JSON or `null`, count, name.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { openHome, type OpenHome } from '../intents/homes.ts';
import { faultyFiles, type Fault } from './faulty-files.ts';

const [home = '', workload = '', faultText = 'null', countText = '1', name = 'p'] = process.argv.slice(2);
const { files, count: calls } = faultyFiles(JSON.parse(faultText) as Fault | null);
const count = Number(countText);
const backup = join(home, '..', 'backup.json');
// Straight to the descriptor: a promise that was printed is known even if the next thing is the end.
const say = (line: string): void => {
  fs.writeSync(1, `${line}\n`);
};

const WORKLOADS: Readonly<Record<string, (open: OpenHome) => Promise<void>>> = {
  async mutation({ intents }) {
    for (let n = 0; n < count; n++) {
      await intents.storeIntent({ intent_id: `${name}${n}`, goal: 'g' });
      say(`stored ${name}${n}`);
      await intents.transition(`${name}${n}`, 'Failed', { reason: 'r' });
      say(`failed ${name}${n}`);
    }
  },
  async transaction({ intents }) {
    for (let n = 0; n < count; n++) {
      await intents.transaction((tx) => {
        for (const end of ['a', 'b']) tx.storeIntent({ intent_id: `${end}${n}`, goal: 'g' });
        tx.storeEdge({ from: `a${n}`, edge_type: 'DependsOn', to: `b${n}` });
        tx.transition(`a${n}`, 'Suspended', { reason: 'r' });
      });
      say(`pair ${n}`);
    }
  },
  async snapshot({ intents }) {
    await intents.storeIntent({ intent_id: `${name}0`, goal: 'g' });
    say(`stored ${name}0`);
    await intents.close();
    say('saved');
  },
  async backup({ intents }) {
    await intents.backup(backup);
    say('written');
  },
  async restore({ intents }) {
    await intents.restore(backup, { mode: 'replace' });
    say('restored');
  },
  /** Each change depends on what all others did: a lost one would be missing from the sum, and a stale check would close a cycle. */
  async shared({ intents }) {
    for (let n = 0; n < count; n++) {
      const seen = await intents.transaction((tx) => {
        const { priority } = tx.getIntent('counter');
        return tx.updateIntent('counter', { priority: priority + 1 }).priority;
      });
      say(`counted ${seen}`);
      const ends = [n, n + 1 + (process.pid % 5)].map((end) => `node${end % 8}`) as [string, string];
      const edge = { from: ends[0], edge_type: 'DependsOn' as const, to: ends[1] };
      try {
        await intents.storeEdge(edge);
        if (n % 3 === 0) await intents.deleteEdge(edge);
      } catch (error) {
        say(`refused ${(error as { code?: string }).code}`);
      }
    }
  },
};

try {
  const open = await openHome(home, { files });
  await WORKLOADS[workload]?.(open);
  await open.close();
  say(`calls ${calls()}`);
} catch (error) {
  say(`error ${(error as { code?: string }).code}`);
}

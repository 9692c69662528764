/**
 * Takes a lock, adds one to a number in a file, gives the lock back, again and again, until it is killed. Adding is reading, waiting and
 * writing: two holders at once would give one number twice. Prints each number, `locked` when the wait was too long. Arguments: folder,
 * rounds.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { openLock } from '../../src/foundation/lock.ts';

const [folder = '', rounds = ''] = process.argv.slice(2);
const path = join(folder, 'number');
const lock = openLock(folder);
for (let round = 0; round < Number(rounds); round++) {
  try {
    await lock.run(async () => {
      const number = Number(fs.readFileSync(path, 'utf8')) + 1;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      // One call writes it whole, so that a killed holder leaves the old number or the new one.
      const fd = fs.openSync(path, 'r+');
      fs.writeSync(fd, String(number).padStart(12));
      fs.closeSync(fd);
      fs.writeSync(1, `${number}\n`);
    });
  } catch (error) {
    fs.writeSync(1, `${(error as { code?: string }).code}\n`);
  }
}
fs.writeSync(1, 'done\n');

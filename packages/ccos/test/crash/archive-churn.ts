/** A process that stores, deletes, lists and collects without end, in a store that others work on too. Arguments: folder, seed. */
import { CODECS, valueEntity } from '../../src/archive/codecs.ts';
import { openFileArchive } from '../../src/archive/file.ts';
import { seededRandom } from './random.ts';

const [folder = '', seed = ''] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const entity = (): ReturnType<typeof valueEntity> => valueEntity({ shared: Math.floor(random() * 60) });

/** One life of an archive: opened, used and closed. */
async function live(): Promise<void> {
  const archive = await openFileArchive(folder, CODECS);
  for (let step = 0; step < 20; step++) {
    const choice = random();
    if (choice < 0.5) await archive.store(entity());
    else if (choice < 0.6) await archive.storeBatch([entity(), entity(), entity()]);
    else if (choice < 0.8) await archive.delete(entity().contentHash());
    else if (choice < 0.9) await archive.flush();
    else await archive.gc([], { olderThanMs: 300 });
  }
  await archive.close();
}
for (;;) await live();

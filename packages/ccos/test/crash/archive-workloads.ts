/** The work on an archive that a crash drill interrupts (A13), and what must hold behind it. */
import fs from 'node:fs';
import { join } from 'node:path';
import { CODECS, valueEntity, type ValueEntity } from '../../src/archive/codecs.ts';
import { openFileArchive, type FileArchive, type FileArchiveOptions } from '../../src/archive/file.ts';
import type { StoredEntity } from '../../src/archive/codecs.ts';
import { objectPath } from '../../src/archive/shards.ts';
import type { Files } from '../../src/foundation/files.ts';

/** What a workload was promised: an object that is stored, one that is gone, or all that is left to be. */
export type Promised = (what: 'stored' | 'removed' | 'repaired', hash: string) => void;
/** Work on an open archive; `removes` are the prior objects that it may take away. */
interface Workload {
  readonly spoil?: (folder: string) => void;
  readonly removes: readonly string[];
  readonly work: (archive: FileArchive<StoredEntity>, promised: Promised) => Promise<void>;
}

const entity = (name: string): ValueEntity => valueEntity({ name, text: name.repeat(200) });
const hashOf = (name: string): string => entity(name).contentHash();
/** What every store holds before the work begins. */
const PRIOR = ['kept', 'root', 'old 1', 'old 2', 'old 3'];
const CORRUPT = hashOf('old 1'),
  LOST = hashOf('old 2');

/** A name whose object lies in a shard that is there, or in none that is. */
function named(stem: string, inShard: boolean): string {
  const shards = new Set(PRIOR.map((name) => hashOf(name).slice(0, 4)));
  for (let n = 0; ; n++) if (shards.has(hashOf(`${stem} ${n}`).slice(0, 4)) === inShard) return `${stem} ${n}`;
}
const NEIGHBOUR = named('neighbour', true),
  STRANGER = named('stranger', false);
const BATCH = Array.from({ length: 50 }, (_none, n) => `batch ${n}`);

const storing =
  (name: string): Workload['work'] =>
  async (archive, promised) =>
    promised('stored', await archive.store(entity(name)));

/** Every workload of the archive that A13 names. */
export const WORKLOADS = {
  store: { removes: [], work: storing(NEIGHBOUR) },
  'store new shard': { removes: [], work: storing(STRANGER) },
  'batch of 50': {
    removes: [],
    work: async (archive, promised) => {
      for (const hash of await archive.storeBatch(BATCH.map(entity))) promised('stored', hash);
    },
  },
  'index write': {
    removes: [],
    work: async (archive, promised) => {
      promised('stored', await archive.store(entity(STRANGER)));
      await archive.flush();
      promised('stored', await archive.store(entity(NEIGHBOUR)));
      await archive.close();
    },
  },
  delete: {
    removes: [hashOf('old 1')],
    work: async (archive, promised) => {
      if (await archive.delete(hashOf('old 1'))) promised('removed', hashOf('old 1'));
    },
  },
  gc: {
    removes: ['old 1', 'old 2', 'old 3'].map(hashOf),
    work: async (archive, promised) => {
      const report = await archive.gc([hashOf('root'), hashOf('kept')], { olderThanMs: 0 });
      for (const hash of report.removedHashes) promised('removed', hash);
    },
  },
  repair: {
    spoil: (folder) => {
      fs.writeFileSync(join(folder, objectPath(CORRUPT)), SPOILT);
      fs.rmSync(join(folder, objectPath(LOST)));
      fs.writeFileSync(join(folder, 'index.json'), '{"half of an index');
    },
    removes: [CORRUPT, LOST],
    work: async (archive, promised) => {
      await archive.repair();
      promised('repaired', CORRUPT);
    },
  },
} as const satisfies Record<string, Workload>;
export type WorkloadName = keyof typeof WORKLOADS;
const SPOILT = '{"body":"spoilt","type":"value"}';

/** Makes the store that a workload begins with. */
export async function prepare(name: WorkloadName, folder: string): Promise<void> {
  const archive = await openFileArchive(folder, CODECS);
  await archive.storeBatch(PRIOR.map(entity));
  await archive.close();
  const { spoil }: Workload = WORKLOADS[name];
  spoil?.(folder);
}

/** Opens the store and does the work. */
export async function work(name: WorkloadName, folder: string, files: Files, promised: Promised): Promise<void> {
  const archive = await openFileArchive(folder, CODECS, { files });
  await WORKLOADS[name].work(archive, promised);
}

/** The lines of what was promised: `stored HASH`. */
export type Promises = readonly string[];

/**
 * Holds what is left of a store to A13.1–A13.4 and A13.6. Throws an error that says what does not hold.
 */
export async function expectSound(
  name: WorkloadName,
  folder: string,
  promises: Promises,
  options: FileArchiveOptions = {},
): Promise<void> {
  const archive = await openFileArchive(folder, CODECS, { ...options, tempAgeMs: 0 });
  const hold = (what: string, holds: boolean, found: unknown = ''): void => {
    if (!holds) throw new Error(`${name}: ${what} ${JSON.stringify(found)}`);
  };
  if (name === 'repair') await expectRepaired(archive, folder, hold);
  else {
    const report = await archive.verifyIntegrity();
    hold('A13.1 the store verifies', report.ok, report);
  }
  const there = new Set(await archive.listHashes());
  const { removes }: Workload = WORKLOADS[name];
  for (const hash of PRIOR.map(hashOf).filter((prior) => !removes.includes(prior)))
    hold('A13.6 what was there and is not deleted is there', there.has(hash), hash);
  for (const line of promises) {
    const [what, hash = ''] = line.split(' ');
    if (what === 'stored') hold('A13.2 what was promised is there', there.has(hash), hash);
    if (what === 'removed') hold('A13.2 what was removed is gone', !there.has(hash), hash);
  }
  const known = new Set([...PRIOR, ...BATCH, NEIGHBOUR, STRANGER].map(hashOf));
  hold(
    'A13.3 nothing else is there',
    [...there].every((hash) => known.has(hash)),
    [...there],
  );
  for (const hash of there) await archive.require(hash, 'a listing');
  await archive.flush();
  const report = await archive.verifyIntegrity();
  const clean = report.ok && report.pending.length === 0 && report.orphanTemps.length === 0;
  hold('A13.4 the index equals the shards, and nothing is left over', clean && report.checked === there.size, report);
  const trash = join(folder, 'trash');
  hold('A10.6 the trash is empty', !fs.existsSync(trash) || fs.readdirSync(trash).length === 0);
  await archive.close();
}

/** A repair that was interrupted is repeated; the bad bytes are kept, once or before they were moved. */
async function expectRepaired(
  archive: FileArchive<StoredEntity>,
  folder: string,
  hold: (what: string, holds: boolean, found?: unknown) => void,
): Promise<void> {
  await archive.repair();
  const report = await archive.verifyIntegrity();
  hold('A6.5 repeating it repairs', report.ok, report);
  const kept = fs.readdirSync(join(folder, 'quarantine'));
  const same = kept.length === 1 && fs.readFileSync(join(folder, 'quarantine', kept[0] ?? ''), 'utf8') === SPOILT;
  hold('A6.3 the bad bytes are kept, once', same, kept);
  const indices = fs.readdirSync(folder).filter((file) => file.startsWith('index.json.corrupt-'));
  hold('A6.2 the bad index is kept, once', indices.length === 1, indices);
}

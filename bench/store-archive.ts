/** The archive beside what it does by hand, beside npm's own content-addressed cache, and beside itself when it is small (A14). */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CODECS, valueEntity, type StoredEntity } from '../packages/ccos/src/archive/codecs.ts';
import { openFileArchive, type FileArchive } from '../packages/ccos/src/archive/file.ts';
import { objectPath } from '../packages/ccos/src/archive/shards.ts';
import { canonicalText } from '../packages/ccos/src/foundation/canonical-json.ts';
import { openCacache, type Cacache } from './cacache.ts';
import { quantiles, type Row } from './measure.ts';

const SAMPLES = 15;
const WARM_UP = 5;
/** Stores and reads of one sample. */
const PUTS = 24,
  GETS = 300;
const SMALL = 1_000,
  LARGE = 100_000;
const TEXT = 'x'.repeat(1_000);

let made = 0;
/** An object of 1 KiB that nobody stored yet. */
const fresh = (): StoredEntity => valueEntity({ n: made++, text: TEXT });
/** A minute ahead: the folders that a benchmark makes count as those of an old store, whose way down is on the disk. */
const clock = { now: () => Date.now() + 120_000, monotonic: () => performance.now() };

interface Store {
  readonly folder: string;
  readonly archive: FileArchive<StoredEntity>;
}

/** A store of so many objects, written without their syncs. */
async function filled(folder: string, count: number): Promise<Store> {
  await (await openFileArchive(folder, CODECS, { clock })).close();
  for (let n = 0; n < count; n++) {
    const entity = fresh();
    const path = join(folder, objectPath(entity.contentHash()));
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    fs.writeFileSync(path, canonicalText({ body: entity.toBody(), type: entity.entityType() }), { mode: 0o600 });
  }
  const archive = await openFileArchive(folder, CODECS, { clock });
  await archive.flush();
  return { folder, archive };
}

/** Stores one by one, each into a shard that is there; returns the milliseconds of each. */
async function puts({ folder, archive }: Store): Promise<number[]> {
  const entities = Array.from({ length: PUTS }, fresh);
  for (const entity of entities)
    fs.mkdirSync(dirname(join(folder, objectPath(entity.contentHash()))), { recursive: true, mode: 0o700 });
  const times: number[] = [];
  for (const entity of entities) {
    const start = performance.now();
    await archive.store(entity);
    times.push(performance.now() - start);
  }
  return times;
}

/** Open a temp file, write, fdatasync, rename, fsync the folder: nothing more, and nothing less, is a durable write. */
function bare(folder: string): number[] {
  const times: number[] = [];
  for (let n = 0; n < PUTS; n++) {
    const entity = fresh();
    const text = canonicalText({ body: entity.toBody(), type: 'value' });
    const path = join(folder, objectPath(entity.contentHash()));
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const start = performance.now();
    const fd = fs.openSync(`${path}.tmp`, 'wx', 0o600);
    fs.writeSync(fd, text);
    fs.fdatasyncSync(fd);
    fs.closeSync(fd);
    fs.renameSync(`${path}.tmp`, path);
    const parent = fs.openSync(dirname(path), 'r');
    fs.fsyncSync(parent);
    fs.closeSync(parent);
    times.push(performance.now() - start);
  }
  return times;
}

const median = (times: readonly number[]): number => quantiles(times).p50;
const slowest = (times: readonly number[]): number => quantiles(times).p95;

/** The rows of the archive, and what they need. */
export async function storeArchiveRows(): Promise<{
  rows: Row[];
  absent: string[];
  notes(): Promise<string[]>;
  close(): Promise<void>;
}> {
  const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-bench-store-'));
  const stores = new Map<number, Promise<Store>>();
  const of = (count: number): Promise<Store> => {
    const store = stores.get(count) ?? filled(join(scratch, String(count)), count);
    stores.set(count, store);
    return store;
  };
  const shape = { samples: SAMPLES, warmUp: WARM_UP };
  const rows: Row[] = [
    {
      ...shape,
      name: 'durable store of 1 KiB',
      reference: 'open, write, fdatasync, rename, fsync the folder',
      bound: 1.3,
      subject: async () => median(await puts(await of(SMALL))),
      baseline: async () => median(bare(join(scratch, 'bare'))),
    },
    ...growthRows(of).map((row) => ({ ...shape, ...row })),
  ];
  const cacache = openCacache();
  if (typeof cacache !== 'string')
    rows.push({ ...shape, ...(await readRow(await of(SMALL), cacache, join(scratch, 'cacache'))) });
  return {
    rows,
    absent: typeof cacache === 'string' ? [`verified retrieve beside cacache: null, for ${cacache}`] : [],
    notes: async () => notes(scratch, await of(LARGE)),
    close: async () => {
      for (const store of stores.values()) await (await store).archive.close();
      fs.rmSync(scratch, { recursive: true, force: true });
    },
  };
}

type Measured = Omit<Row, 'samples' | 'warmUp'>;

function growthRows(storeOf: (count: number) => Promise<Store>): Measured[] {
  const row = (name: string, of: (store: Store) => Promise<number>): Measured => ({
    name: `${name} at ${LARGE.toLocaleString('en-US')} objects`,
    reference: `at ${SMALL.toLocaleString('en-US')}`,
    bound: 1.25,
    subject: async () => of(await storeOf(LARGE)),
    baseline: async () => of(await storeOf(SMALL)),
  });
  return [
    row('durable store', async (store) => median(await puts(store))),
    row('p95 of durable store', async (store) => slowest(await puts(store))),
    row('open', async ({ folder }) => {
      const start = performance.now();
      for (let n = 0; n < GETS; n++) await (await openFileArchive(folder, CODECS)).close();
      return (performance.now() - start) / GETS;
    }),
  ];
}

/** Both verify what they read. A tenth of the time is ten times the throughput. */
async function readRow({ archive }: Store, cacache: Cacache, cache: string): Promise<Measured> {
  const entities = Array.from({ length: GETS }, fresh);
  const hashes = await archive.storeBatch(entities, { durability: 'relaxed' });
  const digests: string[] = [];
  for (const entity of entities)
    digests.push(await cacache.put(cache, entity.entityId(), Buffer.from(canonicalText(entity.toBody()))));
  const each = async (read: (n: number) => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    for (let n = 0; n < GETS; n++) await read(n);
    return (performance.now() - start) / GETS;
  };
  return {
    name: 'verified retrieve of 1 KiB',
    reference: 'cacache.get.byDigest',
    bound: 0.1,
    subject: () => each((n) => archive.retrieve(hashes[n] ?? '')),
    baseline: () => each((n) => cacache.get.byDigest(cache, digests[n] ?? '')),
  };
}

/** Figures without a bound. */
async function notes(scratch: string, large: Store): Promise<string[]> {
  const timed = async (work: () => Promise<unknown>): Promise<string> => {
    const start = performance.now();
    await work();
    return `${(performance.now() - start).toFixed(1)} ms`;
  };
  const one = await openFileArchive(large.folder, CODECS, { clock });
  await one.store(fresh());
  const close = await timed(() => one.close());
  const memory = process.memoryUsage().rss;
  const listing = await timed(() => large.archive.listHashes());
  const grown = Math.round((process.memoryUsage().rss - memory) / 2 ** 20);
  const batch = Array.from({ length: 1_000 }, fresh);
  for (const entity of batch) entity.contentHash();
  const batched = await timed(() => large.archive.storeBatch(batch));
  const single = median(bare(join(scratch, 'bare')));
  return [
    `at ${LARGE.toLocaleString('en-US')} objects: close after one store ${close}; listing ${listing}, memory grew by ${grown} MiB`,
    `storeBatch of 1,000 durable objects ${batched}; 1,000 bare sequences one after the other ${(single * 1_000).toFixed(1)} ms`,
  ];
}

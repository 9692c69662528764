/**
 * The chain beside what it does by hand, beside SQLite, and beside itself when nobody appends at once (causal-chain.md, L17). Every row
 * writes records of about 600 bytes into one folder.
 */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openChain, type Chain } from '../packages/ccos/src/causal-chain/chain.ts';
import { verifyChain } from '../packages/ccos/src/causal-chain/verify.ts';
import { draft } from './chain-draft.ts';
import type { Row } from './measure.ts';
import { openSqlite, type Sqlite } from './sqlite.ts';

const SAMPLES = 21;
const WARM_UP = 5;
/** Records of one sample, one after the other. */
const APPENDS = 40;
const APPENDERS = 64;
/** Records that each of the appenders makes in a sample. */
const EACH = 12;
/** Records of the chain that is verified. */
const VERIFIED = 20_000;
const LINE_BYTES = 600;

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The rows of the chain; the one beside SQLite where that can be had. */
export async function storeChainRows(): Promise<{ rows: Row[]; absent: string[]; close(): Promise<void> }> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'ccos-bench-chain-'));
  const chain = await openChain(join(folder, 'home'));
  const line = Buffer.from('x'.repeat(LINE_BYTES));
  const fd = fs.openSync(join(folder, 'bare'), 'a', 0o600);
  const sqlite = openSqlite(join(folder, 'sqlite.db'));
  const rows = [await verifyRow(folder), bareRow(chain, fd, line), groupRow(chain)];
  if (typeof sqlite !== 'string') rows.splice(2, 0, sqliteRow(chain, sqlite, line));
  return {
    rows,
    absent: typeof sqlite === 'string' ? [`better-sqlite3: ${sqlite}`] : [],
    close: async () => {
      await chain.close();
      fs.closeSync(fd);
      if (typeof sqlite !== 'string') sqlite.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

async function appendOneByOne(chain: Chain): Promise<void> {
  for (let n = 0; n < APPENDS; n++) await chain.append(draft);
}

function bareRow(chain: Chain, fd: number, line: Buffer): Row {
  return {
    name: `${APPENDS} durable records, one by one`,
    reference: 'write and fdatasync of as many bytes',
    bound: 1.3,
    samples: SAMPLES,
    warmUp: WARM_UP,
    subject: () => timed(() => appendOneByOne(chain)),
    baseline: () =>
      timed(() => {
        for (let n = 0; n < APPENDS; n++) {
          fs.writeSync(fd, line);
          fs.fdatasyncSync(fd);
        }
      }),
  };
}

function sqliteRow(chain: Chain, sqlite: Sqlite, line: Buffer): Row {
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = FULL');
  sqlite.exec('CREATE TABLE records (seq INTEGER PRIMARY KEY, line BLOB)');
  const insert = sqlite.prepare('INSERT INTO records (line) VALUES (?)');
  return {
    name: `${APPENDS} durable records, one by one`,
    reference: 'as many transactions of better-sqlite3 (WAL, FULL)',
    bound: 1,
    samples: SAMPLES,
    warmUp: WARM_UP,
    subject: () => timed(() => appendOneByOne(chain)),
    baseline: () =>
      timed(() => {
        for (let n = 0; n < APPENDS; n++) insert.run(line);
      }),
  };
}

/** Time a record, so that the number of appenders does not count. */
function groupRow(chain: Chain): Row {
  const appender = async (): Promise<void> => {
    for (let n = 0; n < EACH; n++) await chain.append(draft);
  };
  return {
    name: `a durable record of ${APPENDERS} appenders at once`,
    reference: 'of one appender',
    bound: 0.1,
    samples: SAMPLES,
    warmUp: WARM_UP,
    subject: async () =>
      (await timed(() => Promise.all(Array.from({ length: APPENDERS }, appender)))) / (APPENDERS * EACH),
    baseline: async () => (await timed(appender)) / EACH,
  };
}

/** The chain is written by an engine of its own: whoever verifies has not just written what he verifies. */
async function verifyRow(folder: string): Promise<Row> {
  const home = join(folder, 'verified');
  const writer = new Worker(new URL('./chain-writer.ts', import.meta.url), { workerData: { home, records: VERIFIED } });
  await once(writer, 'exit');
  const segment = join(home, 'chain/000001.jsonl');
  return {
    name: `verify a chain of ${VERIFIED} records`,
    reference: 'JSON.parse and SHA-256 of each line',
    bound: 3,
    samples: 9,
    subject: () =>
      timed(async () => {
        if (!(await verifyChain(home)).ok) throw new Error('the chain of the benchmark does not verify');
      }),
    baseline: () =>
      timed(() => {
        for (const line of fs.readFileSync(segment, 'utf8').split('\n').slice(0, -1)) {
          JSON.parse(line);
          hash('sha256', line, 'hex');
        }
      }),
  };
}

/**
 * The chain beside what it does by hand, beside SQLite, and beside itself when nobody appends at once (causal-chain.md, L17). Every row
 * writes records of about 600 bytes into one folder.
 */
import { hash } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChain, type Chain } from '../packages/ccos/src/causal-chain/chain.ts';
import type { RecordDraft } from '../packages/ccos/src/causal-chain/record.ts';
import { verifyChain } from '../packages/ccos/src/causal-chain/verify.ts';
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
const HASH = 'a'.repeat(64);
const LINE_BYTES = 600;

/** A record of a call, whose line has about 600 bytes. */
const draft: RecordDraft = {
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
  const rows = [bareRow(chain, fd, line), groupRow(chain), await verifyRow(folder)];
  if (typeof sqlite !== 'string') rows.splice(1, 0, sqliteRow(chain, sqlite, line));
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

async function verifyRow(folder: string): Promise<Row> {
  const home = join(folder, 'verified');
  const chain = await openChain(home);
  for (let n = 0; n < VERIFIED; n += APPENDERS)
    await Promise.all(Array.from({ length: APPENDERS }, () => chain.append(draft, 'written')));
  await chain.close();
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

/** npm run bench -- NAME…: measures the named suites, prints machine, figures and ratios; exits 1 when a bound was missed. */
import { cliRows } from './cli.ts';
import { rtfsRows } from './rtfs.ts';
import { machine, measure, report, type Row } from './measure.ts';
import { rtfsFrontRows } from './rtfs-front.ts';
import { storeArchiveRows } from './store-archive.ts';
import { storeChainRows } from './store-chain.ts';

/** A suite makes its rows, says which it cannot measure here, and what it tells without a bound. */
interface Suite {
  readonly rows: readonly Row[];
  readonly absent: readonly string[];
  /** Told before the rows are measured, or found behind them when all rows are. */
  readonly notes?: readonly string[] | (() => Promise<readonly string[]>);
  close(): Promise<void>;
}
/** What makes the rows of a suite, part by part. */
const SUITES: Readonly<Record<string, readonly (() => Promise<Suite>)[]>> = {
  cli: [cliRows],
  // R19.1 to R19.9 as one table.
  rtfs: [rtfsRows, rtfsFrontRows],
  'rtfs-front': [rtfsFrontRows],
  store: [storeArchiveRows, storeChainRows],
};

const [, , ...words] = process.argv;
const names = words.filter((word) => !word.startsWith('--rows='));
/** A part of the rows by name, for work on one of them. */
const part = words.find((word) => word.startsWith('--rows='))?.slice('--rows='.length);
const wanted = new RegExp(part ?? '', 'u');
const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(`npm run bench -- NAME, where NAME is one of: ${Object.keys(SUITES).join(', ')}\n`);
  process.exit(2);
}
process.stdout.write(`${machine()}\n`);
let missed = 0;
for (const make of names.flatMap((name) => SUITES[name] ?? [])) {
  const suite = await make();
  try {
    for (const row of suite.rows) {
      if (!wanted.test(`${row.name}; ${row.reference}`)) continue;
      const figure = await measure(row);
      if (!figure.held) missed += 1;
      process.stdout.write(`${report(row, figure)}\n`);
    }
    const { notes = [] } = suite;
    const lines = typeof notes !== 'function' ? notes : part === undefined ? await notes() : [];
    for (const line of lines) process.stdout.write(`${line}\n`);
    for (const line of suite.absent) process.stdout.write(`absent ${line}\n`);
  } finally {
    await suite.close();
  }
}
process.exit(missed === 0 ? 0 : 1);

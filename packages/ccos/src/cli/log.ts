/** `ccos log` (L10.4): the records that match, one a line, as one JSON array, or as the stored lines themselves. */
import { openChainReader, type RecordFilter } from '../causal-chain/reader.ts';
import { CcosError } from '../foundation/errors.ts';
import { compileGlob } from '../security/glob.ts';
import { homeOf } from './home.ts';
import type { Run } from './invocation.ts';
import { recordLine } from './records.ts';
import type { Options } from './table.ts';

/** Prints in the order of the chain; with `--limit` the newest so many. Throws `STATE_OPEN`, `CHAIN_QUERY`, `CHAIN_BROKEN`. */
export const log: Run = async ({ options, output }) => {
  const reader = await openChainReader(homeOf(options));
  const found = reader.select(filterOf(options));
  // A limit asks for the newest, which come newest first; they are printed in the order in which they happened all the same.
  const stored = options.limit === undefined ? found : found.toReversed();
  if (options.format === undefined && output.json) {
    output.document(stored.map(({ record }) => record));
    return 0;
  }
  for (const { record, line } of stored) {
    if (output.closed) break;
    output.line(options.format === 'jsonl' ? line : recordLine(record));
  }
  return 0;
};

function filterOf(options: Options): RecordFilter {
  const { run, plan, intent, kind, outcome, since, until, limit } = options;
  const given = { run, plan, intent, kind, outcome, since, until, limit, capability: matcherOf(options.capability) };
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as RecordFilter;
  return limit === undefined ? filter : { ...filter, order: 'newest' };
}

function matcherOf(glob: string | undefined): ((id: string) => boolean) | undefined {
  if (glob === undefined) return undefined;
  try {
    const { matches } = compileGlob(glob);
    return (id) => matches(id);
  } catch (cause) {
    throw new CcosError('USAGE', `Cannot read ${JSON.stringify(glob)} as the GLOB of --capability`, {
      cause,
      hint: 'an id, in which * stands for one or more characters',
    });
  }
}

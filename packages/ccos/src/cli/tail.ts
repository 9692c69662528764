/** `ccos tail` (L10.4): the last records that match, and then each that comes, also across rotation, until Ctrl-C. */
import { matcher } from '../causal-chain/filter.ts';
import { openChainFollower } from '../causal-chain/follow.ts';
import { openChainReader } from '../causal-chain/reader.ts';
import type { StoredRecord } from '../causal-chain/stored.ts';
import { pause } from '../foundation/clock.ts';
import { CcosError } from '../foundation/errors.ts';
import { homeOf } from './home.ts';
import type { Run } from './invocation.ts';
import { filterOf, recordLine } from './records.ts';

/** Records before the end that are printed first. */
const LAST = 10;
/** How often is looked for more. */
const LOOK_MS = 200;

/** Prints until it is interrupted or nobody reads. Throws `USAGE`, `STATE_OPEN`, `CHAIN_QUERY`, `CHAIN_BROKEN`. */
export const tail: Run = async ({ options, output }) => {
  if (output.json)
    throw new CcosError('USAGE', 'tail prints records as they come, which are no one JSON document', {
      hint: 'a line each: ccos tail --format jsonl',
      details: { options: ['--json'] },
    });
  const { limit = LAST, ...filter } = filterOf(options);
  const matches = matcher(filter);
  const print = ({ record, line }: StoredRecord): void =>
    output.line(options.format === 'jsonl' ? line : recordLine(record));
  const reader = await openChainReader(homeOf(options));
  const follower = (await openChainFollower(homeOf(options)))();
  const [newest] = reader.query({ order: 'newest', limit: 1 });
  const end = newest?.seq ?? 0;
  for (const stored of reader.select({ ...filter, order: 'newest', limit }).reverse())
    if (stored.record.seq <= end) print(stored);
  while (!output.closed) {
    for (const stored of follower.stored(end)) if (matches(stored.record)) print(stored);
    await pause(LOOK_MS);
  }
  return 0;
};

/**
 * `ccos log` (L10.4): the records that match, one a line, as one JSON array, or as the stored lines themselves; or what is kept
 * elsewhere of the record: its signed head (L6.4) and proofs (L12).
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { headText, parsedHead, type Head } from '../causal-chain/head.ts';
import { proofText, proveConsistency, proveInclusion } from '../causal-chain/proof.ts';
import { openChainReader, type ChainReader } from '../causal-chain/reader.ts';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { homeOf } from './home.ts';
import type { Invocation, Run } from './invocation.ts';
import { filterOf, recordLine, treeOf, type RecordTree } from './records.ts';
import { OPTIONS, type Options } from './table.ts';

/** Each prints something of its own, so that one is chosen. */
const VIEWS = ['tree', 'head', 'prove', 'proveConsistency'] as const;
/** Options that choose records, which a head and a proof are not. */
const CHOICES = [
  'run',
  'plan',
  'intent',
  'kind',
  'capability',
  'outcome',
  'since',
  'until',
  'limit',
  'format',
] as const;

/**
 * Prints in the order of the chain; with `--limit` the newest so many. Throws `STATE_OPEN`, `USAGE`, `CHAIN_QUERY`, `CHAIN_NOT_FOUND`,
 * `CHAIN_BROKEN`, `PROOF_INVALID`.
 */
export const log: Run = async (invocation) => {
  const { options } = invocation;
  refuseTogether(options);
  const reader = await openChainReader(homeOf(options));
  const document = keptElsewhere(reader, options);
  if (document !== null) return give(document, invocation);
  return options.tree ? printTree(reader, invocation) : printRecords(reader, invocation);
};

function refuseTogether(options: Options): void {
  const views = VIEWS.filter((name) => options[name] !== undefined);
  const written = views.some((name) => name !== 'tree');
  const wrong = [
    ...(views.length > 1 ? views.slice(1) : []),
    ...(written ? CHOICES.filter((name) => options[name] !== undefined) : []),
    ...(options.tree === true ? (['format', 'limit'] as const).filter((name) => options[name] !== undefined) : []),
    ...(options.output !== undefined && !written ? (['output'] as const) : []),
  ].map((name) => OPTIONS[name].flag);
  if (wrong.length > 0) {
    const what =
      views[0] === undefined ? 'without --head, --prove or --prove-consistency' : `with ${OPTIONS[views[0]].flag}`;
    throw new CcosError('USAGE', `Cannot use ${wrong.join(' and ')} ${what}`, {
      hint: 'ccos log --help says what each prints',
      details: { options: wrong },
    });
  }
  if (options.tree === true && options.run === undefined)
    throw new CcosError('USAGE', '--tree needs the run whose tree it prints', {
      hint: 'ccos log --run RUN --tree; ccos log --kind PlanStarted --json names the runs',
    });
}

/** The text of the head or of the proof that is asked for, or null. */
function keptElsewhere(reader: ChainReader, { head, prove, proveConsistency: old }: Options): string | null {
  if (prove !== undefined) return proofText(proveInclusion(reader, prove));
  if (old !== undefined) return proofText(proveConsistency(reader, readHead(old)));
  if (head === undefined) return null;
  const signed = reader.head();
  if (signed !== null) return headText(signed);
  throw new CcosError('CHAIN_NOT_FOUND', 'Cannot print the signed head: the record is empty', {
    hint: 'run a plan first',
  });
}

/** A head that was kept elsewhere. Throws `USAGE`. */
export function readHead(path: string): Head {
  let found = 'it is no head';
  try {
    const head = parsedHead(readFileSync(path, 'utf8'));
    if (head !== null) return head;
  } catch (error) {
    found = errnoOf(error) ?? found;
  }
  throw new CcosError('USAGE', `Cannot read the head ${path}: ${found}`, {
    hint: 'a file that ccos log --head printed',
    details: { path },
  });
}

/** Prints a document, or writes it to the file of `-o`. */
async function give(text: string, { options, output }: Invocation): Promise<number> {
  if (options.output === undefined) output.text(text);
  else {
    await writeFileAtomic(resolve(options.output), text);
    output.note(`wrote ${options.output}`);
  }
  return 0;
}

function printRecords(reader: ChainReader, { options, output }: Invocation): number {
  const filter = filterOf(options);
  const found = reader.select(filter.limit === undefined ? filter : { ...filter, order: 'newest' });
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
}

/** The records of a run under their parents (L5.3). */
function printTree(reader: ChainReader, { options, output }: Invocation): number {
  const roots = treeOf(reader.query(filterOf(options)));
  if (output.json) output.document(roots);
  // A stack of our own: steps can be nested deeper than calls.
  const open: { tree: RecordTree; depth: number }[] = roots.toReversed().map((tree) => ({ tree, depth: 0 }));
  for (let next = open.pop(); next !== undefined && !output.json && !output.closed; next = open.pop()) {
    const { tree, depth } = next;
    output.line('  '.repeat(depth) + recordLine(tree.record));
    open.push(...tree.children.toReversed().map((child) => ({ tree: child, depth: depth + 1 })));
  }
  return 0;
}

/** `ccos archive verify`, `repair`, `gc` (A5.6, A6, A10): whether the store is what its names say, and what to do about it. */
import type { IntegrityReport, RepairReport } from '../archive/archive.ts';
import { openChainReader } from '../causal-chain/reader.ts';
import { objectsNamedBy } from '../causal-chain/named-objects.ts';
import { verifyChain } from '../causal-chain/verify.ts';
import { CcosError, type ErrorCode } from '../foundation/errors.ts';
import { openArchive, readArchive } from './archive.ts';
import { formatCount } from './count.ts';
import { homeOf } from './home.ts';
import type { Run } from './invocation.ts';
import { brokenAt } from './verify.ts';

/** Prints every finding; with one, exit 8 and `ccos archive repair` as hint (A5.6). */
export const verifyArchive: Run = async ({ options, output, interruptible }) => {
  const report = await (await readArchive(options)).verifyIntegrity({ signal: interruptible() });
  if (output.json) output.document(report);
  else for (const line of findings(report)) output.line(line);
  if (report.ok) return 0;
  const error = notOk(report);
  output.error(error);
  return error.exit;
};

function findings(report: IntegrityReport): string[] {
  const { checked, bytes, corrupt, missing, unlisted, misplaced, pending, orphanTemps, index } = report;
  const waiting = pending.length === 0 ? '' : `, ${formatCount(pending.length, 'object')} not listed yet`;
  return [
    ...corrupt.map(
      ({ path, reason, found }) => `corrupt    ${path}: ${REASONS[reason]}${found === null ? '' : `, found ${found}`}`,
    ),
    ...missing.map((hash) => `missing    ${hash}: listed, but not there`),
    ...unlisted.map((hash) => `unlisted   ${hash}: there, but not listed`),
    ...misplaced.map(({ path, reason }) => `misplaced  ${path}: ${reason}`),
    ...orphanTemps.map((path) => `left over  ${path}: by a writer that did not finish, no fault`),
    `${formatCount(checked, 'object')} verified, ${formatCount(bytes, 'byte')}${waiting}; the index is ${index}`,
  ];
}

const REASONS = {
  hash: 'its bytes have another hash',
  form: 'its bytes are no object',
  type: 'it has no type',
  size: 'it is larger than any object',
  unreadable: 'it cannot be read',
} as const;

function notOk({ corrupt, missing, misplaced, unlisted, index }: IntegrityReport): CcosError {
  const kinds: readonly (readonly [ErrorCode, number, string])[] = [
    ['ARCHIVE_CORRUPT', corrupt.length, 'corrupt'],
    ['ARCHIVE_MISSING', missing.length, 'missing'],
    ['ARCHIVE_PATH', misplaced.length, 'misplaced'],
    ['ARCHIVE_CORRUPT', unlisted.length, 'unlisted'],
  ];
  const found = kinds.filter(([, count]) => count > 0);
  const what = found.map(([, count, word]) => `${count} ${word}`).join(', ');
  return new CcosError(
    found[0]?.[0] ?? 'ARCHIVE_CORRUPT',
    `The archive is not what its names say: ${what === '' ? `its index is ${index}` : what}`,
    { hint: 'ccos archive repair keeps aside what is bad and makes the index anew; add --dry-run to see it first' },
  );
}

/** Repairs, or says what it would do. Every file that is moved is named. */
export const repair: Run = async ({ options, output }) => {
  const archive = await openArchive(options, output);
  const report = await archive.repair({ dryRun: options.dryRun ?? false });
  await archive.close();
  if (output.json) output.document(report);
  else for (const line of repairs(report)) output.line(line);
  return 0;
};

function repairs({ dryRun, checked, quarantined, forgotten, left, index }: RepairReport): string[] {
  const would = dryRun ? 'would be ' : '';
  return [
    ...quarantined.map(
      ({ path, reason, keptAs }) => `${path}: ${would}kept${keptAs === null ? '' : ` as ${keptAs}`} (${reason})`,
    ),
    ...forgotten.map((hash) => `${hash}: ${would}taken out of the index, for its file is not there`),
    ...left.map(({ path, reason }) => `${path}: left where it is (${reason})`),
    ...(index === null ? [] : [`index.json: ${would}made anew (${index.reason})`]),
    `${formatCount(checked, 'object')} looked at, ${quarantined.length} ${would}kept aside, ${forgotten.length} missing`,
  ];
}

/** Removes what the record does not name, or says what it would remove. The record is verified first: what it lost, it cannot name. */
export const gc: Run = async ({ options, output }) => {
  const home = homeOf(options);
  const chain = await verifyChain(home);
  if (!chain.ok) throw brokenAt(chain);
  const roots = new Set((await openChainReader(home)).query().flatMap(objectsNamedBy));
  const archive = await openArchive(options, output);
  const { olderThan } = options;
  const report = await archive.gc(roots, {
    dryRun: options.dryRun ?? false,
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
  });
  await archive.close();
  if (output.json) output.document(report);
  else {
    for (const hash of report.removedHashes) output.line(hash);
    const { kept, removed, freedBytes, dryRun } = report;
    const verb = dryRun ? 'would be removed' : 'removed';
    output.line(`${formatCount(removed, 'object')} ${verb}, ${formatCount(freedBytes, 'byte')}; ${kept} kept`);
  }
  return 0;
};

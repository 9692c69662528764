/** `ccos verify` (L11): the whole record, read and judged; nothing is written. */
import { formatCount } from './count.ts';
import { homeOf } from './home.ts';
import type { Run } from './invocation.ts';
import { verifyChain, type VerifyReport } from '../causal-chain/verify.ts';
import { CcosError } from '../foundation/errors.ts';

/** Prints the number of records; throws `CHAIN_BROKEN` (exit 8) with the first bad record. */
export const verify: Run = async ({ options, output }) => {
  const report = await verifyChain(homeOf(options));
  for (const { code, message } of report.warnings) output.warning(code, message);
  if (output.json) output.document(report);
  else if (report.ok) output.line(summary(report));
  if (report.ok) return 0;
  const error = brokenAt(report);
  output.error(error);
  return error.exit;
};

function summary(report: VerifyReport): string {
  const tail =
    report.unsignedTail === 0 ? '' : `, ${formatCount(report.unsignedTail, 'record')} behind the signed head`;
  return (
    `${formatCount(report.records, 'record')} verified in ${formatCount(report.segments, 'segment')}, ` +
    `${formatCount(report.heads, 'signed head')}${tail}`
  );
}

/** `CHAIN_BROKEN` at the first bad record of a report. */
export function brokenAt(report: VerifyReport): CcosError {
  const bad = report.firstBad;
  const place =
    bad === null || bad.segment === null ? '' : ` in ${bad.segment}${bad.line === null ? '' : `, line ${bad.line}`}`;
  const range = report.range === null ? '' : `; the change is among records ${report.range.from} to ${report.range.to}`;
  const message = `Record ${bad?.seq ?? 0}${place} does not verify (${bad?.reason ?? 'unknown'}): expected ${bad?.expected ?? ''}, found ${bad?.found ?? ''}${range}`;
  return new CcosError('CHAIN_BROKEN', message, {
    hint: 'the record was changed after it was signed: compare it with a copy, and do not trust what follows',
    details: { firstBad: bad, range: report.range },
  });
}

/** `ccos verify` (L11): the whole record, or a proof (L12.2), read and judged; nothing is written. */
import { readFileSync } from 'node:fs';
import { formatCount } from './count.ts';
import { homeOf } from './home.ts';
import type { Run } from './invocation.ts';
import { readHead } from './log.ts';
import type { Output } from './output.ts';
import type { Options } from './table.ts';
import { publicKeyFrom } from '../causal-chain/keys.ts';
import { verifyProof, type Proven } from '../causal-chain/proof.ts';
import { openChainReader } from '../causal-chain/reader.ts';
import { verifyChain, type VerifyReport } from '../causal-chain/verify.ts';
import { visibleOnOneLine } from '../foundation/controls.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';

/**
 * Prints the number of records; with `--proof` what the proof says, with `--show-key` the key. Throws `STATE_OPEN`, `USAGE`,
 * `PROOF_INVALID`; a record that does not verify is `CHAIN_BROKEN` (exit 8) with the first bad one.
 */
export const verify: Run = async ({ options, output }) => {
  refuseTogether(options);
  const key = keyOf(options.key);
  if (options.showKey) return showKey(homeOf(options), output);
  if (options.proof !== undefined) return tellProof(verifyProof(readProof(options.proof), key), output);
  const against = options.against === undefined ? undefined : readHead(options.against);
  const report = await verifyChain(homeOf(options), {
    ...(key === undefined ? {} : { key }),
    ...(against === undefined ? {} : { against }),
  });
  for (const { code, message } of report.warnings) output.warning(code, message);
  if (output.json) output.document(report);
  else if (report.ok) output.line(summary(report));
  if (report.ok) return 0;
  const error = brokenAt(report);
  output.error(error);
  return error.exit;
};

function refuseTogether({ proof, against, showKey: show, key }: Options): void {
  const asked = { '--proof': proof, '--against': against, '--show-key': show };
  const names = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (show !== undefined && key !== undefined) names.push('--key');
  if (names.length < 2) return;
  throw new CcosError('USAGE', `Cannot use ${names.join(' and ')} together`, {
    hint: 'ccos verify --help says what each checks',
    details: { options: names },
  });
}

/** The key of `--key`, with or without the id that `--show-key` prints behind it. Throws `USAGE`. */
function keyOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [raw = '', id] = text.trim().split(/\s+/);
  const key = publicKeyFrom(raw);
  if (key !== null && (id === undefined || id === key.id)) return raw;
  throw new CcosError('USAGE', `Cannot read ${JSON.stringify(text)} as the PUBKEY of --key`, {
    hint: 'the 32 bytes of an Ed25519 key in base64, as ccos verify --show-key prints them',
    details: { option: '--key', value: text },
  });
}

async function showKey(home: string, output: Output): Promise<number> {
  const [created] = (await openChainReader(home)).query({ limit: 1 });
  const { publicKey } = created?.payload ?? {};
  const key = typeof publicKey === 'string' ? publicKeyFrom(publicKey) : null;
  if (key === null)
    throw new CcosError('CHAIN_NOT_FOUND', 'Cannot show the key: the record is empty', { hint: 'run a plan first' });
  if (output.json) output.document({ publicKey: key.raw, key: key.id });
  else output.line(`${key.raw} ${key.id}`);
  return 0;
}

function readProof(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CcosError('USAGE', `Cannot read the proof ${path}: ${errnoOf(cause) ?? 'unknown'}`, {
      cause,
      hint: 'a file that ccos log --prove wrote',
      details: { path },
    });
  }
}

function tellProof(proven: Proven, output: Output): number {
  if (output.json) output.document(proven);
  else {
    const what =
      proven.kind === 'inclusion'
        ? `record ${proven.seq} stands in a signed chain of ${formatCount(proven.size, 'record')}`
        : `a signed chain of ${formatCount(proven.from, 'record')} goes on to one of ${proven.size}`;
    const by = proven.trust === 'pinned' ? 'the given key' : `${proven.key}, which the proof itself names`;
    output.line(`${what}; signed by ${by}`);
    if (proven.kind === 'inclusion') output.line(visibleOnOneLine(proven.record));
  }
  return 0;
}

function summary(report: VerifyReport): string {
  const tail =
    report.unsignedTail === 0 ? '' : `, ${formatCount(report.unsignedTail, 'record')} behind the signed head`;
  // What is known of a chain without a key from elsewhere is said (L7.5).
  const trust = report.trust === 'pinned' ? ', by the given key' : '';
  return (
    `${formatCount(report.records, 'record')} verified in ${formatCount(report.segments, 'segment')}, ` +
    `${formatCount(report.heads, 'signed head')}${trust}${tail}`
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

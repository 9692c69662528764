/** `ccos intent restore FILE` (I8, I10): checks a backup, says what it would change, or puts it in place of the graph. */
import { resolve } from 'node:path';
import { loadKeyPair } from '../../causal-chain/keys.ts';
import { visibleOnOneLine } from '../../foundation/controls.ts';
import { CcosError, ERRORS } from '../../foundation/errors.ts';
import { systemFiles } from '../../foundation/files.ts';
import { edgeText } from '../../intents/edge-checks.ts';
import { checkBackupFile } from '../../intents/reader.ts';
import type { GraphDifference, RestoreOptions } from '../../intents/restore.ts';
import { formatCount } from '../count.ts';
import { homeOf } from '../home.ts';
import type { Invocation, Run } from '../invocation.ts';
import { readIntents, withIntents } from './open.ts';

/** Throws `BACKUP_VERSION`, `BACKUP_INTEGRITY`, `BACKUP_CONFLICT`, `IO`, and what opening throws. */
export const restore: Run = async ({ operands, options, output }) => {
  const path = resolve(operands[0] ?? '');
  if (options.checkBackup === true) return check(path, { options, output });
  if (options.prefer !== undefined && options.merge !== true)
    throw new CcosError('USAGE', '--prefer belongs to --merge', { hint: 'add --merge, or leave out --prefer' });
  const how: RestoreOptions = { mode: options.merge === true ? 'merge' : 'replace', prefer: options.prefer };
  if (options.preview === true) {
    const difference = await (await readIntents({ options, output })).previewRestore(path, how);
    if (output.json) output.document(difference);
    else for (const line of differenceLines(difference)) output.line(line);
    return 0;
  }
  const result = await withIntents({ options, output }, (intents) => intents.restore(path, how));
  const { difference, restored, preRestore } = result;
  if (output.json) output.document(result);
  else if (!restored) output.line('the graph is as the backup says already');
  else {
    const { added, changed, removed } = difference;
    const kept = preRestore === null ? '' : `; the graph before is kept in ${preRestore}`;
    output.line(
      `${formatCount(added.length, 'intent')} added, ${changed.length} changed, ${removed.length} removed${kept}`,
    );
  }
  return 0;
};

/** Everything that is wrong with a backup (I8.6): any finding is exit 8. */
function check(path: string, { options, output }: Pick<Invocation, 'options' | 'output'>): number {
  const { graph: _graph, chain: _chain, ...report } = checkBackupFile(path, loadKeyPair(homeOf(options), systemFiles));
  const { ok, findings, more, notes, counts } = report;
  if (output.json) output.document(report);
  for (const note of notes) output.note(note);
  if (ok) {
    if (!output.json)
      output.line(`${formatCount(counts.intents, 'intent')} and ${formatCount(counts.edges, 'edge')} verified`);
    return 0;
  }
  const rest = more === 0 ? [] : [{ message: `and ${formatCount(more, 'finding')} more` }];
  output.error(
    new CcosError(
      'BACKUP_INTEGRITY',
      `Cannot trust the backup ${path}: ${formatCount(findings.length + more, 'finding')}`,
      {
        details: { path, findings: [...findings, ...rest] },
        hint: 'restore another backup',
      },
    ),
  );
  return ERRORS.BACKUP_INTEGRITY.exit;
}

function differenceLines({ added, changed, removed, edgesAdded, edgesRemoved }: GraphDifference): string[] {
  const lines = [
    ...added.map((id) => `+ ${id}`),
    ...changed.map((id) => `~ ${id}`),
    ...removed.map((id) => `- ${id}`),
    ...edgesAdded.map((edge) => `+ ${edgeText(edge)}`),
    ...edgesRemoved.map((edge) => `- ${edgeText(edge)}`),
  ].map(visibleOnOneLine);
  return lines.length === 0 ? ['nothing would change'] : lines;
}

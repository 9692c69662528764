/** `ccos why ACTION` (L10.4): the way from one record up to the plan, with each decision's rules and policy. */
import { openChainReader } from '../causal-chain/reader.ts';
import type { ChainRecord, JsonValue } from '../causal-chain/record.ts';
import { homeOf } from './home.ts';
import type { Run } from './invocation.ts';
import { aboutOf } from './records.ts';

/** Prints the record first and what stands above it below. Throws `STATE_OPEN`, `CHAIN_NOT_FOUND`. */
export const why: Run = async ({ operands, options, output }) => {
  const reader = await openChainReader(homeOf(options));
  const path = reader.pathToRoot(operands[0] ?? '');
  if (output.json) output.document(path);
  else
    for (const [depth, record] of path.entries())
      output.line(
        explain(record)
          .map((line) => '  '.repeat(depth) + line)
          .join('\n'),
      );
  return 0;
};

function explain(record: ChainRecord): string[] {
  const { payload } = record;
  const head = `${record.kind} ${aboutOf(record)}`.trimEnd();
  const notes = ['reason', 'level', 'policyDigest', 'contextId', 'message'].flatMap((name) =>
    typeof payload[name] === 'string' ? [`  ${name}: ${payload[name]}`] : [],
  );
  return [`${head}  ${record.id} (record ${record.seq})`, ...notes, ...rulesOf(payload['rules'])];
}

/** The rules that were looked at, those that matched marked. */
function rulesOf(rules: JsonValue | undefined): string[] {
  if (!Array.isArray(rules)) return [];
  return rules.map(
    (rule: { id?: unknown; source?: unknown; outcome?: unknown; matched?: unknown }) =>
      `  ${rule.matched === true ? '*' : ' '} ${String(rule.id)} (${String(rule.source)}): ${String(rule.outcome)}`,
  );
}

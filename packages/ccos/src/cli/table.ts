/**
 * The one table of commands and options (§8.4 of the architecture). The parser, `--help`, the hints of usage errors and
 * `docs/cli.md` come out of it. Nothing is imported here but types and the table of ceilings, for every start loads this file.
 */
import type { ErrorCode } from '../foundation/errors.ts';
import { INTENT_STATUSES } from '../model/intent.ts';
import { ISOLATION_KINDS, PROVIDER_NAMES } from '../model/isolation.ts';
import type { LimitName } from '../model/limits.ts';

/** How the text behind an option is read (`option-values.ts`). */
export type OptionType = 'flag' | 'text' | 'list' | 'duration' | 'count' | 'megabytes' | 'share' | 'choice' | 'time';

/** One option. `limit` names the ceiling it raises (G4.3); `cures` the refusals that it can end (S14.10). */
export interface OptionRow {
  readonly flag: `--${string}`;
  /** The flag in one letter. */
  readonly short?: `-${string}`;
  readonly argument: string | null;
  readonly type: OptionType;
  readonly help: string;
  readonly choices?: readonly string[];
  readonly limit?: LimitName;
  readonly cures?: readonly ErrorCode[];
}

/** Every option, by the name that commands read. */
export const OPTIONS = {
  help: { flag: '--help', argument: null, type: 'flag', help: 'say what the command does' },
  version: { flag: '--version', argument: null, type: 'flag', help: 'print the version' },
  home: {
    flag: '--home',
    argument: 'DIR',
    type: 'text',
    help: 'the state folder, instead of .ccos',
    cures: ['STATE_OPEN'],
  },
  json: { flag: '--json', argument: null, type: 'flag', help: 'one JSON document on stdout' },
  quiet: { flag: '--quiet', argument: null, type: 'flag', help: 'no progress on stderr' },
  level: {
    flag: '--level',
    argument: 'LEVEL',
    type: 'choice',
    choices: ['pure', 'controlled', 'full'],
    help: 'pure refuses every call, controlled allows what is granted, full whatever is not denied',
    cures: ['SECURITY_VIOLATION'],
  },
  allow: {
    flag: '--allow',
    argument: 'ID',
    type: 'list',
    help: 'allow capabilities, by id or pattern',
    cures: ['SECURITY_VIOLATION'],
  },
  deny: {
    flag: '--deny',
    argument: 'ID',
    type: 'list',
    help: 'deny capabilities, by id or pattern; wins over every grant',
  },
  read: {
    flag: '--read',
    argument: 'PATH',
    type: 'list',
    help: 'grant reading of files or folders',
    cures: ['SECURITY_VIOLATION'],
  },
  write: {
    flag: '--write',
    argument: 'DIR',
    type: 'list',
    help: 'grant reading and writing of folders',
    cures: ['SECURITY_VIOLATION'],
  },
  env: {
    flag: '--env',
    argument: 'NAME',
    type: 'list',
    help: 'grant variables of the environment',
    cures: ['SECURITY_VIOLATION'],
  },
  base: { flag: '--base', argument: 'DIR', type: 'text', help: 'the folder from which relative paths are taken' },
  provider: {
    flag: '--provider',
    argument: 'NAME',
    type: 'choice',
    choices: ['auto', ...PROVIDER_NAMES],
    help: 'who builds the wall; auto, the default, takes process where it works, else wasm, and never mock',
    cures: ['PROVIDER_UNAVAILABLE'],
  },
  minIsolation: {
    flag: '--min-isolation',
    argument: 'KIND',
    type: 'choice',
    choices: ISOLATION_KINDS,
    help: 'the weakest wall that is good enough',
    cures: ['ISOLATION_UNAVAILABLE'],
  },
  timeout: {
    flag: '--timeout',
    argument: 'DURATION',
    type: 'duration',
    limit: 'timeoutMs',
    help: 'time of the run, as in 500ms, 30s, 5m',
    cures: ['LIMIT_TIME'],
  },
  memory: {
    flag: '--memory',
    argument: 'MB',
    type: 'megabytes',
    limit: 'memoryMb',
    help: 'memory of the guest',
    cures: ['LIMIT_MEMORY'],
  },
  cpu: { flag: '--cpu', argument: 'N', type: 'share', limit: 'cpuShare', help: 'share of processors' },
  calls: {
    flag: '--calls',
    argument: 'N',
    type: 'count',
    limit: 'calls',
    help: 'calls of the run',
    cures: ['BUDGET_EXCEEDED'],
  },
  expand: {
    flag: '--expand',
    argument: null,
    type: 'flag',
    help: 'print the plan with every macro call expanded, instead of the verdict',
  },
  input: {
    flag: '--input',
    argument: 'JSON|@FILE',
    type: 'text',
    help: 'what the plan finds as `input`, as JSON or from a file',
  },
  record: {
    flag: '--record',
    argument: 'WHAT',
    type: 'choice',
    choices: ['values', 'digests'],
    help: 'what the record keeps of arguments and results; digests: no value at all. An expression becomes a run by it',
  },
  output: { flag: '--output', short: '-o', argument: 'FILE', type: 'text', help: 'the file to write' },
  run: { flag: '--run', argument: 'RUN', type: 'text', help: 'only records of this run' },
  plan: { flag: '--plan', argument: 'HASH', type: 'text', help: 'only records of this plan' },
  intent: { flag: '--intent', argument: 'INTENT', type: 'text', help: 'only records of this intent' },
  kind: { flag: '--kind', argument: 'KIND', type: 'text', help: 'only records of this kind' },
  capability: { flag: '--capability', argument: 'GLOB', type: 'text', help: 'only records of capabilities that match' },
  outcome: {
    flag: '--outcome',
    argument: 'OUTCOME',
    type: 'text',
    help: 'only records with this outcome, such as deny',
  },
  since: {
    flag: '--since',
    argument: 'TIME',
    type: 'time',
    help: 'only records from this time on: 2026-11-24T08:00:00Z, or 2h for two hours ago',
  },
  until: { flag: '--until', argument: 'TIME', type: 'time', help: 'only records up to this time' },
  limit: { flag: '--limit', argument: 'N', type: 'count', help: 'at most so many records, the newest' },
  tree: { flag: '--tree', argument: null, type: 'flag', help: 'the records of the run of --run as a tree' },
  head: { flag: '--head', argument: null, type: 'flag', help: 'the signed head, for keeping elsewhere' },
  prove: {
    flag: '--prove',
    argument: 'ACTION',
    type: 'text',
    help: 'a proof that the record stands in the signed chain; it discloses no other record',
  },
  proveConsistency: {
    flag: '--prove-consistency',
    argument: 'HEAD',
    type: 'text',
    help: 'a proof that the chain goes on from the head in this file',
  },
  key: {
    flag: '--key',
    argument: 'PUBKEY',
    type: 'text',
    help: 'the key that must have signed, as --show-key prints it',
  },
  against: {
    flag: '--against',
    argument: 'HEAD',
    type: 'text',
    help: 'a head that was kept elsewhere: the chain must go on from it',
  },
  proof: { flag: '--proof', argument: 'FILE', type: 'text', help: 'check this proof, without any chain' },
  showKey: {
    flag: '--show-key',
    argument: null,
    type: 'flag',
    help: 'the public key and its id, for keeping elsewhere',
  },
  prompt: { flag: '--prompt', argument: null, type: 'flag', help: 'the page that teaches a model to write plans' },
  format: {
    flag: '--format',
    argument: 'FORMAT',
    type: 'choice',
    choices: ['jsonl'],
    help: 'jsonl prints the stored lines as they are',
  },
  check: {
    flag: '--check',
    argument: null,
    type: 'flag',
    help: 'write nothing; list what differs, exit 1 if anything does',
  },
  constraint: {
    flag: '--constraint',
    argument: 'NAME=RTFS',
    type: 'list',
    help: 'what must hold, each a name and a form of RTFS: max-cost=5',
  },
  criteria: {
    flag: '--criteria',
    argument: 'RTFS',
    type: 'text',
    help: 'what a result must satisfy, as a form of RTFS',
  },
  status: {
    flag: '--status',
    argument: 'STATUS',
    type: 'choice',
    choices: INTENT_STATUSES,
    help: 'only intents that stand so',
  },
  weight: { flag: '--weight', argument: 'W', type: 'share', help: 'how strong the edge is, from 0 to 1' },
  reason: { flag: '--reason', argument: 'TEXT', type: 'text', help: 'why, for the record' },
  graphFormat: {
    flag: '--format',
    argument: 'FORMAT',
    type: 'choice',
    choices: ['json', 'dot', 'mermaid', 'svg'],
    help: 'json unless told otherwise; svg needs no other program',
  },
  checkBackup: {
    flag: '--check',
    argument: null,
    type: 'flag',
    help: 'only say what is wrong with the backup; exit 8 if anything is',
  },
  preview: { flag: '--preview', argument: null, type: 'flag', help: 'only say what would change' },
  merge: {
    flag: '--merge',
    argument: null,
    type: 'flag',
    help: 'keep what the backup does not have, instead of replacing the graph',
  },
  prefer: {
    flag: '--prefer',
    argument: 'SIDE',
    type: 'choice',
    choices: ['backup', 'current'],
    help: 'which side wins where both have an intent and they differ',
    cures: ['BACKUP_CONFLICT'],
  },
  type: {
    flag: '--type',
    argument: 'TYPE',
    type: 'text',
    help: 'the type of object: plan, proposal, artifact, value …',
  },
  raw: {
    flag: '--raw',
    argument: null,
    type: 'flag',
    help: 'bytes as they are: put takes any file as an artifact, get prints the object that is stored',
  },
  dryRun: { flag: '--dry-run', argument: null, type: 'flag', help: 'say what would be done, and change nothing' },
  olderThan: {
    flag: '--older-than',
    argument: 'DURATION',
    type: 'duration',
    help: 'remove only what was stored that long ago; 1h if not given',
  },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof OPTIONS;

type ValueOf<Row> = Row extends { type: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : Row extends { type: 'flag' }
    ? true
    : Row extends { type: 'list' }
      ? readonly string[]
      : Row extends { type: 'text' }
        ? string
        : number;

/** The options of one invocation, read. Durations and times are milliseconds, memory is megabytes (1024 × 1024 bytes). */
export type Options = { readonly [Name in OptionName]?: ValueOf<(typeof OPTIONS)[Name]> };

/**
 * One command: its operands in order (`optional` may be left out, the last may be `many`), and the options it takes beside the
 * general ones.
 */
export interface CommandRow {
  readonly help: string;
  readonly operands: readonly { readonly name: string; readonly optional?: boolean; readonly many?: boolean }[];
  readonly options: readonly OptionName[];
  readonly examples: readonly string[];
}

const POLICY = ['level', 'allow', 'deny', 'read', 'write', 'env', 'base'] as const;
const WALL = ['provider', 'minIsolation', 'timeout', 'memory', 'cpu', 'calls'] as const;

/** Which records: what `log` and `tail` choose by. */
const RECORDS = ['run', 'plan', 'intent', 'kind', 'capability', 'outcome'] as const;

/** Options that every command takes. */
export const GENERAL = ['home', 'json', 'quiet', 'help', 'version'] as const satisfies readonly OptionName[];

/** Words before a command of several words: `ccos intent` explains what `ccos intent add` and its like are. */
export const GROUPS = {
  archive: { help: 'the store of plans, values and artifacts, by their digests' },
  intent: { help: 'why plans run: the graph of intents, its search, pictures and backups' },
} as const;
export type GroupName = keyof typeof GROUPS;

/** Every command, in the order in which the help lists them. One of a group has the group's word before its own. */
export const COMMANDS = {
  run: {
    help: 'admit a plan and run it behind a wall',
    operands: [{ name: 'PLAN' }],
    options: [...POLICY, ...WALL, 'input', 'record'],
    examples: ['ccos run examples/weather/plan.rtfs --read examples/weather/data --write out'],
  },
  check: {
    help: 'say what a plan would do and whether it may; nothing runs',
    operands: [{ name: 'PLAN' }],
    options: [...POLICY, 'provider', 'minIsolation', 'calls', 'expand'],
    examples: ['ccos check examples/weather/plan.rtfs --read examples/weather/data --write out --json'],
  },
  eval: {
    help: 'evaluate an expression: pure, in memory and without a record, until something is granted',
    operands: [{ name: 'EXPR' }],
    options: [...POLICY, ...WALL, 'input', 'record'],
    examples: [
      "ccos eval '(reduce + 0 (map (fn [x] (* x x)) (range 10)))'",
      `ccos eval '(count (read-file "README.md"))' --read README.md`,
    ],
  },
  compile: {
    help: 'make bytecode of a plan and its modules, for run, check and eval - to take like the plan',
    operands: [{ name: 'PLAN' }],
    options: ['output'],
    examples: ['ccos compile examples/weather/plan.rtfs -o weather.rtfsc', 'ccos check weather.rtfsc'],
  },
  doc: {
    help: 'explain a form, function or capability; without a name, list them all',
    operands: [{ name: 'NAME', optional: true }],
    options: ['prompt'],
    examples: ['ccos doc group-by', 'ccos doc --prompt'],
  },
  repl: {
    help: 'evaluate pure expressions one after the other, at a prompt or from a pipe; nothing is recorded',
    operands: [],
    options: ['timeout', 'memory'],
    examples: ['ccos repl'],
  },
  fmt: {
    help: 'lay texts out, in place; folders for the .rtfs files below them, - for stdin to stdout',
    operands: [{ name: 'FILE', many: true }],
    options: ['check'],
    examples: ['ccos fmt plan.rtfs', 'ccos fmt --check examples'],
  },
  log: {
    help: 'print the record',
    operands: [],
    options: [...RECORDS, 'since', 'until', 'limit', 'format', 'tree', 'head', 'prove', 'proveConsistency', 'output'],
    examples: ['ccos log --outcome deny', 'ccos log --json --limit 20', 'ccos log --head -o head.json'],
  },
  tail: {
    help: 'print the last records, and those that come until Ctrl-C',
    operands: [],
    options: [...RECORDS, 'limit', 'format'],
    examples: ['ccos tail --kind GovernanceDecision'],
  },
  verify: {
    help: 'check the whole record, or a proof; exit 8 and the first bad record if it was changed',
    operands: [],
    options: ['key', 'against', 'proof', 'showKey'],
    examples: ['ccos verify', 'ccos verify --against head.json'],
  },
  why: {
    help: 'the way from one record up to the plan, with the decisions on it',
    operands: [{ name: 'ACTION' }],
    options: [],
    examples: [],
  },
  'intent add': {
    help: 'add an intent and print its id',
    operands: [{ name: 'GOAL' }],
    options: ['constraint', 'criteria'],
    examples: ['ccos intent add Backup --constraint max-cost=5'],
  },
  'intent list': {
    help: 'list the intents, oldest first',
    operands: [],
    options: ['status'],
    examples: ['ccos intent list --status Failed'],
  },
  'intent show': {
    help: 'all of one intent: members, edges, history',
    operands: [{ name: 'ID' }],
    options: [],
    examples: [],
  },
  'intent link': {
    help: 'add an edge: DependsOn, IsSubgoalOf, ConflictsWith, Enables, RelatedTo, TriggeredBy or Blocks',
    operands: [{ name: 'FROM' }, { name: 'TYPE' }, { name: 'TO' }],
    options: ['weight'],
    examples: ['ccos intent link copy IsSubgoalOf backup'],
  },
  'intent status': {
    help: 'move an intent to another status: Active, Executing, Completed, Failed, Suspended or Archived',
    operands: [{ name: 'ID' }, { name: 'STATUS' }],
    options: ['reason'],
    examples: ['ccos intent status copy Completed --reason done'],
  },
  'intent graph': {
    help: 'print the graph for other programs, or as a picture',
    operands: [],
    options: ['graphFormat', 'status'],
    examples: ['ccos intent graph --format svg'],
  },
  'intent search': {
    help: 'find intents by words, best first',
    operands: [{ name: 'TEXT' }],
    options: [],
    examples: ['ccos intent search backup'],
  },
  'intent backup': {
    help: 'write the graph into a file that anybody can check',
    operands: [{ name: 'FILE' }],
    options: [],
    examples: ['ccos intent backup graph.json'],
  },
  'intent restore': {
    help: 'replace the graph by a backup that verifies; the graph before is kept',
    operands: [{ name: 'FILE' }],
    options: ['checkBackup', 'preview', 'merge', 'prefer'],
    examples: ['ccos intent restore graph.json --check', 'ccos intent restore graph.json --merge --prefer current'],
  },
  doctor: {
    help: 'what this machine can isolate with, and what to do where it cannot',
    operands: [],
    options: [],
    examples: ['ccos doctor'],
  },
  'archive put': {
    help: 'store a JSON file, or any file with --raw, and print its hash',
    operands: [{ name: 'FILE' }],
    options: ['type', 'raw'],
    examples: ['ccos archive put package.json', 'ccos archive put picture.png --raw'],
  },
  'archive get': {
    help: 'print what is stored under a hash, after verifying it',
    operands: [{ name: 'HASH' }],
    options: ['raw'],
    examples: [],
  },
  'archive list': {
    help: 'list what is stored: hash, type, size, time of the first store',
    operands: [],
    options: ['type'],
    examples: ['ccos archive list --type plan'],
  },
  'archive verify': {
    help: 'verify every object; exit 8 and every finding if one is not what its name says',
    operands: [],
    options: [],
    examples: ['ccos archive verify'],
  },
  'archive repair': {
    help: 'keep aside what does not verify, and make the index anew; nothing is deleted',
    operands: [],
    options: ['dryRun'],
    examples: ['ccos archive repair --dry-run'],
  },
  'archive gc': {
    help: 'remove what the record does not name',
    operands: [],
    options: ['dryRun', 'olderThan'],
    examples: ['ccos archive gc --dry-run', 'ccos archive gc --older-than 30d'],
  },
} as const satisfies Record<string, CommandRow>;

export type CommandName = keyof typeof COMMANDS;
/** What the help explains: a command, or a group of them. */
export type Topic = CommandName | GroupName;

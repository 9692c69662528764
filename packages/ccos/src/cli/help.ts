/** The text of `--help`, made from the table. */
import { formatDuration } from '../foundation/durations.ts';
import { LIMITS, type LimitRow } from '../model/limits.ts';
import { isGroup, namesOf, optionsOf, usageLine } from './parse.ts';
import {
  COMMANDS,
  GENERAL,
  GROUPS,
  OPTIONS,
  type CommandName,
  type CommandRow,
  type GroupName,
  type OptionName,
  type OptionRow,
  type Topic,
} from './table.ts';
import { wrap } from './wrap.ts';

const EXIT_CODES = [
  [0, 'done'],
  [1, 'the plan failed'],
  [2, 'usage, or a file that cannot be read'],
  [3, 'parse, static check or configuration error'],
  [4, 'denied'],
  [5, 'waiting for approval'],
  [6, 'a limit was hit'],
  [7, 'provider unavailable'],
  [8, 'integrity failure'],
  [130, 'cancelled'],
] as const;

/** The help of one command, of a group of them, or of all. Ends with a newline. */
export function helpText(topic: Topic | null): string {
  if (topic === null) return generalHelp();
  return isGroup(topic) ? groupHelp(topic) : commandHelp(topic);
}

function generalHelp(): string {
  const commands = namesOf(null).map(
    (name) => [name, isGroup(name) ? GROUPS[name].help : COMMANDS[name as CommandName].help] as const,
  );
  return [
    usageLine(null),
    '',
    'Runs plans that a model wrote, behind walls, with a signed record.',
    '',
    'Commands',
    ...columns(commands),
    '',
    'Options of every command',
    ...columns(optionLines(GENERAL)),
    '',
    'Exit codes',
    ...columns(EXIT_CODES.map(([code, meaning]) => [String(code), meaning])),
    '',
    'ccos COMMAND --help says more about one command.',
    '',
  ].join('\n');
}

function groupHelp(group: GroupName): string {
  const commands = namesOf(group).map((name) => [name, COMMANDS[`${group} ${name}` as CommandName].help] as const);
  return [
    usageLine(group),
    '',
    sentence(GROUPS[group].help),
    '',
    'Commands',
    ...columns(commands),
    '',
    `ccos ${group} COMMAND --help says more about one command.`,
    '',
  ].join('\n');
}

function commandHelp(command: CommandName): string {
  const row: CommandRow = COMMANDS[command];
  const examples = row.examples.length === 0 ? [] : ['', 'Examples', ...row.examples.map((line) => `  ${line}`)];
  return [
    usageLine(command),
    '',
    sentence(row.help),
    '',
    'Options',
    ...columns(optionLines(optionsOf(row))),
    ...examples,
    '',
  ].join('\n');
}

function optionLines(names: readonly OptionName[]): (readonly [string, string])[] {
  return names.map((name) => [optionHead(OPTIONS[name]), optionHelp(OPTIONS[name])]);
}

/** `--read PATH…`. */
export function optionHead(row: OptionRow): string {
  const flags = row.short === undefined ? row.flag : `${row.short}, ${row.flag}`;
  return row.argument === null ? flags : `${flags} ${row.argument}${row.type === 'list' ? '…' : ''}`;
}

/** The help of an option with its choices, default and range. */
export function optionHelp(row: OptionRow): string {
  const notes: string[] = [];
  if (row.choices !== undefined) notes.push(row.choices.join(', '));
  if (row.limit !== undefined) {
    const limit = LIMITS[row.limit];
    if (limit.default !== null) notes.push(`default ${figure(limit, limit.default)}`);
    notes.push(`${figure(limit, limit.min)} to ${figure(limit, limit.max)}`);
  }
  return notes.length === 0 ? row.help : `${row.help} (${notes.join('; ')})`;
}

/** A figure of the table of ceilings with its unit. */
export function figure(limit: LimitRow, value: number): string {
  if (limit.unit === 'ms') return formatDuration(value);
  const digits = value.toLocaleString('en-US');
  return limit.unit === 'count' || limit.unit === 'steps' || limit.unit === 'cores'
    ? digits
    : `${digits} ${limit.unit}`;
}

/** Two columns, the second wrapped to 100 characters. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(28, Math.max(...rows.map(([head]) => head.length)));
  return rows.flatMap(([head, text]) => {
    const lines = wrap(text, 96 - width);
    const first =
      head.length > width
        ? [`  ${head}`, `  ${' '.repeat(width)}  ${lines[0]}`]
        : [`  ${head.padEnd(width)}  ${lines[0]}`];
    return [...first, ...lines.slice(1).map((line) => `  ${' '.repeat(width)}  ${line}`)];
  });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The pages of `docs/` that are made from tables. */
import { BUILTINS } from '../packages/ccos/src/capabilities/builtins.ts';
import { ERRORS, type ErrorRow } from '../packages/ccos/src/foundation/errors.ts';
import { figure, optionHead, optionHelp } from '../packages/ccos/src/cli/help.ts';
import { optionsOf, usageLine } from '../packages/ccos/src/cli/parse.ts';
import {
  COMMANDS,
  GENERAL,
  OPTIONS,
  type CommandName,
  type CommandRow,
  type OptionName,
  type OptionRow,
} from '../packages/ccos/src/cli/table.ts';
import { LIMITS, type LimitRow } from '../packages/ccos/src/model/limits.ts';

const NOTE = '<!-- Written by `npm run readme`; change the table in the source, not this page. -->';

const cell = (text: string): string => text.replaceAll('|', '\\|');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

function page(title: string, ...parts: readonly (readonly string[])[]): string {
  return [`# ${title}`, '', NOTE, ...parts.flatMap((part) => ['', ...part]), ''].join('\n');
}

/** Every error code with its exit code and kind. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS as Record<string, ErrorRow>).map(([code, { exit, kind, meaning }]) => [
    `\`${code}\``,
    String(exit),
    kind === null ? '' : `\`${kind}\``,
    meaning,
  ]);
  return page(
    'Errors',
    [
      'An error has a *code* for programs outside, a *kind* for the program inside (what `catch` names), an *exit* code for the shell,',
      'and mostly a hint that says what to do. A code without a kind never answers a call.',
    ],
    table(['code', 'exit', 'kind', 'meaning'], rows),
  );
}

/** The built-in capabilities. */
export function capabilitiesPage(): string {
  const rows = BUILTINS.map(({ id, title, effects, input, output, idempotent }) => [
    `\`${id}\``,
    title,
    effects.map((effect) => `\`:${effect}\``).join(' '),
    `\`${input}\``,
    `\`${output}\``,
    idempotent ? 'yes' : 'no',
  ]);
  return page(
    'Capabilities',
    [
      'What a plan can call: `(call :id argument…)`. The types are those of the language, over the vector of arguments. A call whose',
      'effects are more than `:pure`, `:output`, `:clock` and `:random` needs a grant. Once more after a crash is safe where *idempotent*.',
    ],
    table(['id', 'does', 'effects', 'arguments', 'result', 'idempotent'], rows),
  );
}

/** The ceilings of a run. */
export function limitsPage(): string {
  const rows = Object.entries(LIMITS as Record<string, LimitRow>).map(([name, limit]) => [
    limit.title,
    `\`${name}\``,
    limit.default === null ? 'none' : figure(limit, limit.default),
    `${figure(limit, limit.min)} to ${figure(limit, limit.max)}`,
    limit.option === null ? '' : `\`${limit.option}\``,
    limit.heldBy,
    limit.error === null ? '' : `\`${limit.error}\``,
  ]);
  return page(
    'Limits',
    ['What bounds a run, and who holds the bound. An option raises it within the range.'],
    table(['limit', 'name', 'default', 'range', 'option', 'held by', 'error'], rows),
  );
}

/** The commands and their options. */
export function cliPage(): string {
  const commands = (Object.keys(COMMANDS) as CommandName[]).map((name) => commandPart(name));
  return page('The command line', ['Every command takes:'], optionTable(GENERAL), ...commands.flat());
}

function commandPart(name: CommandName): string[][] {
  const row: CommandRow = COMMANDS[name];
  const own = optionsOf(row).filter((option) => !(GENERAL as readonly string[]).includes(option));
  const examples = row.examples.length === 0 ? [] : [['```sh', ...row.examples, '```']];
  return [
    [`## \`${usageLine(name)}\``, '', `${row.help.charAt(0).toUpperCase()}${row.help.slice(1)}.`],
    ...examples,
    ...(own.length === 0 ? [] : [optionTable(own)]),
  ];
}

function optionTable(names: readonly OptionName[]): string[] {
  return table(
    ['option', 'does', 'ends the refusal'],
    names.map((name) => {
      const row: OptionRow = OPTIONS[name];
      return [`\`${optionHead(row)}\``, optionHelp(row), (row.cures ?? []).map((code) => `\`${code}\``).join(' ')];
    }),
  );
}

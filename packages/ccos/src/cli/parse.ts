/**
 * Arguments → a command, its operands and its options. commander splits the words; what each word may be stands in the table,
 * and every refusal is `USAGE` (exit 2) with the nearest name.
 */
import { Command, CommanderError, Option } from 'commander';
import { systemClock } from '../foundation/clock.ts';
import { CcosError } from '../foundation/errors.ts';
import { nearestName } from '../foundation/nearest.ts';
import { readOptionValue } from './option-values.ts';
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
  type Options,
  type Topic,
} from './table.ts';

/** What a user asked for: `command` is null for `ccos` and `ccos --help`, and a group where no command of it was named. */
export interface Request {
  readonly command: Topic | null;
  readonly operands: readonly string[];
  readonly options: Options;
}

/** Reads the words behind `ccos`. `now` is the wall time for `--since 2h`. Throws `USAGE`. */
export function parseArguments(words: readonly string[], now: number = systemClock.now()): Request {
  const { command, rest } = splitCommand(words);
  const row = rowOf(command);
  const parser = commandParser(command, row);
  try {
    parser.parse([...rest], { from: 'user' });
  } catch (error) {
    // Whoever asks for help gets it, whatever else is missing.
    if (rest.includes(OPTIONS.help.flag)) return { command, operands: [], options: { help: true } };
    throw error instanceof CommanderError ? asUsage(error, command, row) : error;
  }
  return {
    command,
    operands: parser.processedArgs.flat().filter((word) => word !== undefined) as string[],
    options: readOptions(parser.opts(), row, now),
  };
}

const NOTHING: CommandRow = { help: '', operands: [], options: [], examples: [] };

function rowOf(topic: Topic | null): CommandRow {
  return topic === null || isGroup(topic) ? NOTHING : COMMANDS[topic];
}

/** True for the word before a command of several. */
export function isGroup(name: string): name is GroupName {
  return Object.hasOwn(GROUPS, name);
}

/** The names of the commands of a group, or of those that stand alone and of the groups, in the order of the table. */
export function namesOf(group: GroupName | null): string[] {
  const names = Object.keys(COMMANDS).flatMap((command) => {
    const [first = '', second] = command.split(' ');
    if (group === null) return first;
    return first === group && second !== undefined ? second : [];
  });
  return [...new Set(names)];
}

/** Finds the command; general options may stand before each of its words (`ccos --home DIR log`). */
function splitCommand(words: readonly string[]): { command: Topic | null; rest: string[] } {
  const at = nextWord(words, 0);
  const name = words[at];
  if (name === undefined) return { command: null, rest: [...words] };
  if (name === 'help' || name === 'version') {
    if (name === 'version' || words[at + 1] === undefined) return { command: null, rest: [`--${name}`] };
    return { command: splitCommand(words.slice(at + 1)).command, rest: [OPTIONS.help.flag] };
  }
  const rest = [...words.slice(0, at), ...words.slice(at + 1)];
  if (!isGroup(name)) return { command: knownCommand(name, null), rest };
  const second = nextWord(words, at + 1);
  const word = words[second];
  if (word === undefined) return { command: name, rest };
  return { command: knownCommand(word, name), rest: rest.toSpliced(second - 1, 1) };
}

/** Where the next word stands that is no general option. */
function nextWord(words: readonly string[], from: number): number {
  let at = from;
  while (at < words.length && words[at]?.startsWith('-')) at += takesNextWord(words[at] ?? '') ? 2 : 1;
  return at;
}

function takesNextWord(word: string): boolean {
  return GENERAL.some((name) => OPTIONS[name].flag === word && OPTIONS[name].argument !== null);
}

function knownCommand(word: string, group: GroupName | null): CommandName {
  const names = namesOf(group);
  const name = group === null ? word : `${group} ${word}`;
  if (names.includes(word) && Object.hasOwn(COMMANDS, name)) return name as CommandName;
  const near = nearestName(word, names);
  throw new CcosError('USAGE', `Unknown command ${JSON.stringify(name)}`, {
    hint: `${near === null ? '' : `did you mean ${near}? `}ccos ${group === null ? '' : `${group} `}--help lists the commands`,
    details: { command: name },
  });
}

/** The names of the options that a command takes, its own first. */
export function optionsOf(row: CommandRow): OptionName[] {
  return [...row.options, ...GENERAL];
}

function commandParser(name: string | null, row: CommandRow): Command {
  const parser = new Command(name ?? 'ccos')
    .exitOverride()
    .helpOption(false)
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const { name: operand, optional, many } of row.operands) {
    const word = many === true ? `${operand}...` : operand;
    parser.argument(optional === true ? `[${word}]` : `<${word}>`);
  }
  for (const key of optionsOf(row)) {
    const { flag, short, argument, type }: OptionRow = OPTIONS[key];
    const flags = short === undefined ? flag : `${short}, ${flag}`;
    const option = new Option(
      argument === null ? flags : type === 'list' ? `${flags} <${argument}...>` : `${flags} <${argument}>`,
    );
    parser.addOption(option);
  }
  return parser;
}

function readOptions(given: Readonly<Record<string, unknown>>, command: CommandRow, now: number): Options {
  const options: Record<string, unknown> = {};
  for (const name of optionsOf(command)) {
    const row: OptionRow = OPTIONS[name];
    // Two options of different commands may have one flag.
    const value = given[new Option(row.flag).attributeName()];
    if (value === undefined) continue;
    options[name] =
      row.type === 'flag'
        ? true
        : row.type === 'list'
          ? (value as string[]).map((one) => readOptionValue(row, one, now))
          : readOptionValue(row, value as string, now);
  }
  return options as Options;
}

/** commander's refusals in our words; it names the option or argument only in its message. */
function asUsage(error: CommanderError, command: Topic | null, row: CommandRow): CcosError {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const ccos = command === null ? 'ccos' : `ccos ${command}`;
  const help = `${ccos} --help lists what it takes`;
  switch (error.code) {
    case 'commander.unknownOption': {
      const near = nearestName(
        quoted.split('=')[0] ?? quoted,
        optionsOf(row).map((name) => OPTIONS[name].flag),
      );
      const elsewhere = Object.values(OPTIONS).some(
        ({ flag, short }: OptionRow) => flag === quoted || short === quoted,
      );
      const why = elsewhere ? `${quoted} belongs to other commands; ` : near === null ? '' : `did you mean ${near}? `;
      return new CcosError('USAGE', `Unknown option ${quoted} of ${ccos}`, {
        hint: why + help,
        details: { option: quoted },
      });
    }
    case 'commander.optionMissingArgument': {
      const [flag = quoted, argument = 'a value'] = quoted.replace(/^-[a-z], |[<>.]/g, '').split(' ');
      return new CcosError('USAGE', `${flag} needs ${argument}`, { hint: help, details: { option: flag } });
    }
    case 'commander.missingArgument':
      return new CcosError('USAGE', `${ccos} needs ${quoted}`, {
        hint: `write ${quoted} before the options: ${usageLine(command)}`,
      });
    default:
      return new CcosError(
        'USAGE',
        `${ccos} takes ${row.operands.length === 0 ? 'no operand' : `only ${operandsOf(row)}`}`,
        {
          hint: command === 'eval' ? 'quote the expression for the shell' : help,
        },
      );
  }
}

function operandsOf(row: CommandRow): string {
  return row.operands
    .map(({ name, optional, many }) => {
      const word = many === true ? `${name}…` : name;
      return optional === true ? `[${word}]` : word;
    })
    .join(' ');
}

/** `ccos run PLAN [options]`. */
export function usageLine(topic: Topic | null): string {
  if (topic === null) return 'ccos COMMAND [options]';
  if (isGroup(topic)) return `ccos ${topic} COMMAND [options]`;
  return ['ccos', topic, operandsOf(COMMANDS[topic]), '[options]'].filter(Boolean).join(' ');
}

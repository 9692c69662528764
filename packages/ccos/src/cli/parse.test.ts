import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CcosError } from '../foundation/errors.ts';
import { helpText } from './help.ts';
import { parseArguments } from './parse.ts';
import { COMMANDS, GROUPS, OPTIONS, type CommandName, type GroupName } from './table.ts';
import { VERSION } from './version.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const parse = (line: string): ReturnType<typeof parseArguments> =>
  parseArguments(line === '' ? [] : line.split(' '), NOW);

function refusal(line: string): CcosError {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof CcosError) return error;
    throw error;
  }
  throw new Error(`${line} was not refused`);
}

describe('arguments', () => {
  test.each([
    ['', { command: null, operands: [], options: {} }],
    ['--help', { command: null, operands: [], options: { help: true } }],
    ['help log', { command: 'log', operands: [], options: { help: true } }],
    ['intent', { command: 'intent', operands: [], options: {} }],
    ['intent --help', { command: 'intent', operands: [], options: { help: true } }],
    ['help intent', { command: 'intent', operands: [], options: { help: true } }],
    ['help intent add', { command: 'intent add', operands: [], options: { help: true } }],
    ['--home h intent --json add g', { command: 'intent add', operands: ['g'], options: { home: 'h', json: true } }],
    ['intent graph --format svg', { command: 'intent graph', operands: [], options: { graphFormat: 'svg' } }],
    [
      'intent add g --constraint a=1 b=2',
      { command: 'intent add', operands: ['g'], options: { constraint: ['a=1', 'b=2'] } },
    ],
    ['run --help', { command: 'run', operands: [], options: { help: true } }],
    ['--home h log', { command: 'log', operands: [], options: { home: 'h' } }],
    ['--json log --home=h', { command: 'log', operands: [], options: { json: true, home: 'h' } }],
    [
      'run p.rtfs --read a b --write out --read c',
      { command: 'run', operands: ['p.rtfs'], options: { read: ['a', 'b', 'c'], write: ['out'] } },
    ],
    [
      'run - --timeout 1.5m --memory 64 --cpu 0.5 --calls 0',
      { command: 'run', operands: ['-'], options: { timeout: 90_000, memory: 64, cpu: 0.5, calls: 0 } },
    ],
    [
      'run p --provider wasm --min-isolation namespace',
      { command: 'run', operands: ['p'], options: { provider: 'wasm', minIsolation: 'namespace' } },
    ],
    ['eval -- -1', { command: 'eval', operands: ['-1'], options: {} }],
    [
      'log --since 2h --until 2026-11-24T11:00:00Z --limit 5',
      { command: 'log', operands: [], options: { since: NOW - 7_200_000, until: NOW - 3_600_000, limit: 5 } },
    ],
  ])('%s', (line, expected) => expect(parse(line)).toEqual(expected));

  test.each([
    ['rnu p', /unknown command "rnu"/i, /did you mean run\?/],
    ['intent addd g', /unknown command "intent addd"/i, /did you mean add\? ccos intent --help/],
    ['intent intent add', /unknown command "intent intent"/i, /ccos intent --help/],
    ['add g', /unknown command "add"/i, /ccos --help/],
    ['intent add g --format svg', /unknown option --format of ccos intent add/i, /belongs to other/],
    ['log --format svg', /cannot read "svg"/i, /one of jsonl/],
    ['constructor', /unknown command "constructor"/i, /ccos --help/],
    ['eval 1 --tiemout 3s', /unknown option --tiemout of ccos eval/i, /did you mean --timeout\?/],
    ['log --read a', /unknown option --read of ccos log/i, /belongs to other commands/],
    ['run', /ccos run needs PLAN/i, /before the options: ccos run PLAN/],
    ['run --read data p.rtfs', /ccos run needs PLAN/i, /before the options/],
    ['run a b', /ccos run takes only PLAN/i, /--help/],
    ['eval (+ 1 2)', /ccos eval takes only EXPR/i, /quote the expression/],
    ['verify x', /takes no operand/, /--help/],
    ['log --limit', /--limit needs N/, /--help/],
    ['log --limit x', /cannot read "x" as the N of --limit/i, /whole number from 0/],
    ['run p --timeout x', /cannot read "x" as the DURATION of --timeout/i, /500ms, 30s/],
    ['run p --timeout 30', /cannot read "30"/i, /500ms, 30s/],
    ['run p --timeout 0ms', /cannot read "0ms"/i, /from 1ms to 1d/],
    ['run p --timeout 25h', /cannot read "25h"/i, /from 1ms to 1d/],
    ['run p --memory 0', /cannot read "0" as the MB of --memory/i, /from 1 to 1048576/],
    ['run p --memory 1.5', /cannot read "1.5"/i, /whole number/],
    ['run p --cpu 0', /cannot read "0" as the N of --cpu/i, /from 0.01 to 64/],
    ['run p --calls -1', /cannot read "-1"/i, /whole number from 0/],
    ['run p --provider proces', /cannot read "proces"/i, /did you mean process\?/],
    ['run p --level root', /cannot read "root"/i, /one of pure, controlled, full/],
    ['run p --min-isolation vms', /cannot read "vms"/i, /did you mean vm\?/],
    ['log --since yesterday', /cannot read "yesterday" as the TIME/i, /2026-11-24T08:00:00Z/],
    ['log --home=', /cannot read "" as the DIR of --home/i, /not empty/],
  ])('refuses `%s` with exit 2', (line, message, hint) => {
    const error = refusal(line);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect([error.code, error.exit]).toEqual(['USAGE', 2]);
  });
});

describe('help', () => {
  test('names every command, and for each command every option it takes', () => {
    for (const name of Object.keys(COMMANDS) as CommandName[]) {
      const [first = '', second] = name.split(' ');
      expect(helpText(null)).toContain(`  ${first} `);
      if (second !== undefined) expect(helpText(first as GroupName)).toContain(`  ${second} `);
      for (const option of COMMANDS[name].options) expect(helpText(name)).toContain(OPTIONS[option].flag);
    }
  });

  test('keeps to 100 columns, and says default and range of a limit', () => {
    for (const name of [null, ...(Object.keys(COMMANDS) as CommandName[]), ...(Object.keys(GROUPS) as GroupName[])]) {
      for (const line of helpText(name).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    }
    expect(helpText('run')).toMatch(/--timeout DURATION\s+time of the run.*\(default 30s; 1ms to\s+1d\)/);
  });

  test('every example of the table parses', () => {
    for (const { examples } of Object.values(COMMANDS)) {
      for (const line of examples)
        expect(() =>
          parseArguments(
            line
              .replace(/'[^']*'/, 'EXPR')
              .split(' ')
              .slice(1),
          ),
        ).not.toThrow();
    }
  });
});

test("the version is the package's own", () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(VERSION).toBe(version);
});

/** `ccos repl`: from a pipe and at a real terminal. */
import { mkdirSync, readFileSync, statSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ccos, type Ended, workspace } from './harness.ts';
import { hasTmux, Terminal } from './terminal.ts';

let place: ReturnType<typeof workspace>;
beforeAll(() => {
  place = workspace();
});
afterAll(() => place.remove());

const piped = (input: string, ...args: string[]): Promise<Ended> =>
  ccos(['repl', ...args], { cwd: place.folder, input, env: { XDG_STATE_HOME: join(place.folder, 'state') } });
const values = async (input: string): Promise<string[]> => {
  const ended = await piped(input);
  expect(ended).toMatchObject({ code: 0 });
  return ended.stdout.trimEnd().split('\n');
};

describe('ccos repl from a pipe', () => {
  test.each([
    ['definitions stay', '(def x 20)\n(defn f [n]\n  (* 2 n)) (f x)', ['20', '#<function f>', '40']],
    [
      'what is defined again is meant from then on',
      '(defn g [] (h)) (defn h [] 1) (g) (defn h [] 2) (g)',
      ['#<function g>', '#<function h>', '1', '#<function h>', '2'],
    ],
    [
      'atoms keep their state, and are the same by every name',
      '(def a (atom 0)) (def b a) (swap! b inc) (swap! a inc) @b',
      ['#<atom 1>', '#<atom 1>', '1', '2', '2'],
    ],
    [
      'so do atoms that only a function knows',
      '(def c (let [n (atom 0)] (fn [] (swap! n inc)))) (c) (c)',
      [expect.stringMatching(/^#<function/) as string, '1', '2'],
    ],
    ['so do variables', '(def k 1) (set! k 5) k', ['1', 'nil', '5']],
    ['maps keep the order in which they were made', '(def m {:z 1 :a 2}) (keys m)', ['{:z 1 :a 2}', '[:z :a]']],
    ['no name of the session changes how values print', '(def pr-str 1) [pr-str "a"]', ['1', '[1 "a"]']],
    [
      'types and structs stay',
      '(deftype Age [:and int [:>= 0]])\n(defstruct P :age Age)\n(P {:age 3})',
      ['nil', expect.stringMatching(/^#<function/) as string, '{:age 3}'],
    ],
    ['steps need no host', '(step "s" 1)', ['1']],
    [
      'a refused call is an error that can be caught',
      '(try (println "x") (catch e (:kind e)))',
      [':SecurityViolation'],
    ],
    ['metadata belongs to its form', '1 ^{:timeout-ms 5}\n(do 2)', ['1', '2']],
    ['nothing is an answer too', '', ['']],
    [':quit ends it', '1\n:quit\n(boom)', ['1']],
  ])('%s', async (_, input, expected) => {
    expect(await values(input)).toEqual(expected);
  });

  test.each([
    ['(f [1 2)', 3, "stdin:1:8: Parse error: expected ']'"],
    ['1\n\n  (+ 1 "a")\n2', 1, 'stdin:3:3: Type error in +: expected number, got string\n    (+ 1 "a")\n    ^^^^^^^^^'],
    ['(defn f [x]\n  (/ x 0))\n(f 1)', 1, 'stdin:2:3: Division by zero\n    (/ x 0))\n    ^^^^^^^'],
    ['(reduc + 0 [1])', 1, 'hint: did you mean reduce?'],
    ['(call :ccos.io.write-file "a" "b")', 4, 'ccos run PLAN --allow ccos.io.write-file'],
    ['(if)', 3, 'stdin:1:1: if: '],
    [':doc', 2, ':doc NAME'],
    [':doc redcue', 2, 'did you mean reduce'],
  ])('%j ends it with its exit code, place and hint', async (input, code, text) => {
    const ended = await piped(input);
    expect(ended.stderr).toContain(text);
    expect(ended.code).toBe(code);
  });

  test('Values before the first error are printed, none after it', async () => {
    expect(await piped('1 2\n(boom)\n3')).toMatchObject({ code: 1, stdout: '1\n2\n' });
  });

  test.each([
    ['time', '(loop [] (recur))', ['--timeout', '300ms'], 6],
    ['memory', '(loop [a []] (recur (conj a (range 1000))))', ['--memory', '64'], 6],
    ['memory in one piece', '(loop [v []] (recur (conj v (str v v))))', ['--memory', '64'], 6],
    ['depth', '(defn f [n] (+ 1 (f n))) (f 1)', [], 6],
  ])('A form without end meets its limit of %s', async (_, input, args, code) => {
    expect((await piped(input, ...args)).code).toBe(code);
  });

  test('Commands: :doc, :type, :effects, :help', async () => {
    const definition = '(defn save "Keeps it." ([a] (save a 1)) ([a b] (call :x.y a)))';
    const [, ...own] = await values(`${definition}\n:doc save`);
    expect(own).toEqual(['(save a)', '(save a b)', '', 'Keeps it.', '', 'defined in this session']);
    const language = await piped(':doc reduce');
    const { stdout } = await ccos(['doc', 'reduce'], { cwd: place.folder });
    expect(language.stdout.trimEnd()).toBe(stdout.trimEnd());
    expect(await values(`${definition}\n:type [1]\n:effects (save 1)\n:effects (+ 1 2)`)).toEqual([
      '#<function save>',
      'vector',
      'calls x.y  at stdin:1:48',
      'pure: it calls nothing',
    ]);
    expect((await values(':help')).join('\n')).toContain(':effects EXPR');
  });

  test('What is typed cannot steer the terminal of who reads the answer', async () => {
    const { stdout } = await piped(
      '(defn f "a\u001b[2Jb\u009bc" [x] x)\n:doc f\n(str "\u001b[2J")\n:effects (step "\u009b2J" 1)',
    );
    expect(stdout).toContain('a\\u001b[2Jb\\u009bc');
    expect(stdout).not.toMatch(/[\u001b\u009b]/);
  });

  test('Nothing is kept of what is piped, and --json is refused', async () => {
    await piped('1');
    expect(existsSync(join(place.folder, 'state'))).toBe(false);
    expect(existsSync(join(place.folder, '.ccos'))).toBe(false);
    expect((await piped('1', '--json')).code).toBe(2);
  });
});

describe.skipIf(!hasTmux)('ccos repl at a terminal (needs tmux)', () => {
  let terminal: Terminal;
  afterEach(() => terminal.end());
  const state = (name: string): string => {
    const folder = join(place.folder, name);
    mkdirSync(folder);
    return folder;
  };
  const open = async (folder: string, ...args: string[]): Promise<Terminal> => {
    terminal = new Terminal(['repl', ...args], { cwd: place.folder, state: folder });
    await terminal.shows(/:help says more, Ctrl-D leaves\.\nrtfs>$/);
    return terminal;
  };
  /** Types a line and waits for the answer and the next prompt. */
  const says = async (line: string, answer: string): Promise<void> => {
    terminal.type(line);
    terminal.press('Enter');
    await terminal.shows(`${line}\n${answer}\nrtfs>`);
  };

  test('[shown] `ccos repl` takes forms of several lines, recalls and completes them, and says what an expression would call', async () => {
    const folder = state('typed');
    await open(folder);
    terminal.type('(defn twice [x]');
    terminal.press('Enter');
    await terminal.shows('(defn twice [x]\n  ...');
    await says('(* x 2))', '#<function twice>');
    await says('(twice 4)', '8');
    terminal.press('Up', 'Up');
    await terminal.shows('rtfs> (defn twice [x] (* x 2))');
    terminal.press('Enter');
    await terminal.shows('#<function twice>\nrtfs>');
    terminal.type('(twi');
    await terminal.shows('(twi');
    terminal.press('Tab');
    await terminal.shows('rtfs> (twice');
    await says(' 5)', '10');
    terminal.type(':eff');
    await terminal.shows(':eff');
    terminal.press('Tab');
    await terminal.shows('rtfs> :effects');
    terminal.type(' (call :a.b 1)');
    terminal.press('Enter');
    await terminal.shows(/calls a\.b {2}at input-\d+:1:10\nrtfs>$/);
    terminal.press('C-d');
    await terminal.leaves();
    const file = join(folder, 'ccos/repl-history');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe('(twice 4)\n(defn twice [x] (* x 2))\n(twice 5)\n:effects (call :a.b 1)\n');
    await open(folder);
    terminal.press('Up');
    await terminal.shows('rtfs> :effects (call :a.b 1)');
  });

  test('Ctrl-C ends what runs, drops what is typed, and never the prompt', async () => {
    await open(state('interrupted'));
    await says('(def x 1)', '1');
    for (const wait of [0, 20, 300]) {
      terminal.type('(loop [] (recur))');
      terminal.press('Enter');
      await pause(wait);
      terminal.press('C-c');
      await terminal.shows('(loop [] (recur))\nccos: CANCELLED: Interrupted\nrtfs>');
    }
    terminal.type('(foo [');
    terminal.press('Enter');
    await terminal.shows('  ...');
    terminal.press('C-c');
    await terminal.shows(/\.\.\.\nrtfs>$/);
    terminal.type('garbage');
    terminal.press('C-c');
    await terminal.shows('garbage\nrtfs>');
    terminal.press('C-c');
    await terminal.shows('(Ctrl-D leaves)\nrtfs>');
    await says('x', '1');
    // Completion while a form runs waits for it, and disturbs nothing.
    terminal.type('(do (dotimes [i 3000000] i) :done)');
    terminal.press('Enter');
    terminal.type('(redu');
    await terminal.shows('(redu');
    terminal.press('Tab');
    await terminal.shows(':done)\n:done\nrtfs> (reduc');
    terminal.press('C-c');
    await says('x', '1');
  });

  test('A process that is lost takes no definition with it', async () => {
    await open(state('limits'), '--memory', '64', '--timeout', '10s');
    await says('(def x 7)', '7');
    await says('(def a (atom 1))', '#<atom 1>');
    await says('(swap! a inc)', '2');
    terminal.type('(loop [v []] (recur (conj v (range 1000))))');
    terminal.press('Enter');
    await terminal.shows(/LIMIT_MEMORY.*\nhint: a larger --memory\nrtfs>$/);
    await says('[x @a]', '[7 2]');
    terminal.type('(defn deep [n] (+ 1 (deep n))) (deep 1)');
    terminal.press('Enter');
    await terminal.shows(/frames[^]*\nrtfs>$/);
    await says('(+ x 1)', '8');
  });
});

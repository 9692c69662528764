import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { CcosError } from '../foundation/errors.ts';
import type { RunEvent } from '../model/events.ts';
import { Output, type Sink } from './output.ts';
import { progressOf } from './progress.ts';
import { renderError } from './render-error.ts';

class Collected extends EventEmitter implements Sink {
  text = '';
  isTTY = false;
  columns = 40;
  write(text: string): void {
    this.text += text;
  }
}

function printing(options: { json?: boolean; quiet?: boolean; tty?: boolean } = {}): {
  output: Output;
  out: Collected;
  err: Collected;
} {
  const out = new Collected(),
    err = new Collected();
  err.isTTY = options.tty ?? false;
  return {
    output: new Output({ json: options.json ?? false, quiet: options.quiet ?? false }, { stdout: out, stderr: err }),
    out,
    err,
  };
}

describe('R1.37 rendered errors', () => {
  test('have place, source line, caret and hint', () => {
    const error = new CcosError('PARSE_ERROR', "expected ']'", {
      span: { file: 'plan.rtfs', line: 3, column: 5, endLine: 3, endColumn: 7 },
      hint: 'close it',
      details: { excerpt: '\t(let [x 1)' },
    });
    expect(renderError(error)).toBe("plan.rtfs:3:5: expected ']'\n  \t(let [x 1)\n  \t   ^^\nhint: close it\n");
  });

  test('without a place name the code', () =>
    expect(renderError(new CcosError('USAGE', 'no'))).toBe('ccos: USAGE: no\n'));

  test('a caret that would pass the end of its line stays in it', () => {
    const error = new CcosError('PARSE_ERROR', 'm', {
      span: { line: 1, column: 2, endLine: 4, endColumn: 1 },
      details: { excerpt: 'abc' },
    });
    expect(renderError(error)).toBe('input:1:2: m\n  abc\n   ^^\n');
  });

  test('print every finding of a stage, the first error not twice (E1.4)', () => {
    const findings = ['one', 'two'].map((message, at) => ({
      message,
      span: { line: at + 1, column: 1, endLine: at + 1, endColumn: 2 },
      excerpt: 'x',
      hint: `h${at}`,
    }));
    const error = new CcosError('SYNTAX_ERROR', 'one', { span: findings[0]?.span, details: { findings } });
    expect(renderError(error)).toBe('input:1:1: one\n  x\n  ^\nhint: h0\ninput:2:1: two\n  x\n  ^\nhint: h1\n');
  });

  test('control characters of a plan do not reach the terminal', () => {
    expect(renderError(new CcosError('PROGRAM_ERROR', 'a\u001b[2Jb\u009bc\rd'))).toBe(
      'ccos: PROGRAM_ERROR: a\\u001b[2Jb\\u009bc\\u000dd\n',
    );
  });
});

describe('output', () => {
  test('a document is one JSON value with a newline', () => {
    const { output, out } = printing({ json: true });
    output.document({ a: [1] });
    expect(JSON.parse(out.text)).toEqual({ a: [1] });
    expect(out.text.endsWith('}\n')).toBe(true);
  });

  test('a reader that went away closes the output and ends nothing', () => {
    const { output, out } = printing();
    output.line('one');
    out.emit('error', new Error('EPIPE'));
    output.line('two');
    expect([out.text, output.closed]).toEqual(['one\n', true]);
  });

  test('notes are left out with --quiet, warnings and errors are not', () => {
    const { output, err } = printing({ quiet: true });
    output.note('n');
    output.warning('TORN_TAIL', 'w');
    output.error(new CcosError('USAGE', 'e'));
    expect(err.text).toBe('warning TORN_TAIL: w\nccos: USAGE: e\n');
  });
});

describe('progress', () => {
  const events: readonly RunEvent[] = [
    { type: 'notice', text: 'in wasm' },
    { type: 'step-started', name: 'read', path: '0#0', depth: 0, attempt: 1 },
    { type: 'step-started', name: 'parse\u001b[2J', path: '0.1#0', depth: 1, attempt: 2 },
    { type: 'output', text: 'hello\n' },
    { type: 'step-failed', name: 'parse', path: '0.1#0', depth: 1, durationMs: 12.4, message: 'bad\nline' },
    { type: 'step-completed', name: 'read', path: '0#0', depth: 0, durationMs: 1250 },
  ];

  test('goes line by line without a terminal', () => {
    const { output, err } = printing();
    events.forEach(progressOf(output));
    expect(err.text).toBe(
      'ccos: in wasm\nstep read\n  step parse\\u001b[2J (attempt 2)\nhello\n  failed parse, 12 ms: bad line\ndone read, 1.3 s\n',
    );
  });

  test('with --quiet shows only what the plan prints', () => {
    const { output, err } = printing({ quiet: true });
    events.forEach(progressOf(output));
    expect(err.text).toBe('hello\n');
  });

  test('on a terminal the open step is a live line that the next event replaces, cut to its width', () => {
    const { output, err } = printing({ tty: true });
    const listen = progressOf(output);
    listen({ type: 'step-started', name: 'x'.repeat(60), path: '0#0', depth: 0, attempt: 1 });
    expect(err.text).toBe(`step ${'x'.repeat(34)}`);
    listen({ type: 'step-completed', name: 'x', path: '0#0', depth: 0, durationMs: 2 });
    expect(err.text.endsWith('\r\u001b[Kdone x, 2 ms\n')).toBe(true);
  });
});

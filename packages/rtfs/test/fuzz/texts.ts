/**
 * Source texts, well-formed and not: nothing that is read, compiled or run may crash, hang, or err without a place (R1.35, R13.9,
 * R17.4).
 */
import { format } from '../../src/index.ts';
import { compile } from '../../src/machine/compile.ts';
import { LIBRARY } from '../../src/machine/library.ts';
import { runSync } from '../../src/machine/run.ts';
import type { Diagnostic, Limits, Outcome } from '../../src/machine/types.ts';
import { read } from '../../src/reader/read.ts';
import { FORMS } from '../../src/syntax/forms.ts';
import type { Value } from '../../src/values/kinds.ts';
import { printForPeople } from '../../src/values/print.ts';
import { corpus } from './corpus.ts';
import type { Choices } from './choices.ts';
import { makeProgram } from './programs.ts';
import type { Target } from './target.ts';

const WORDS = [...FORMS.keys(), ...LIBRARY.names()].toSorted();
const ATOMS = (
  '0 1 -1 007 0xFF 1e3 1.5 9223372036854775807 9223372036854775808 1e999 .5 5. ##Inf ##NaN nil true false :k :a/b :com.acme:v1.0/x ::a ' +
  '"s" "" "\\u{1F600}" "\\x" "open #"a+" #"(" #"(a|b)*c" x y _ & % %1 %& ... / // x# @x @:k \'x `x ~x ~@x ^{:a 1} ^:delegation #_ #| |# ; #( #{ ( ) [ ] { } ' +
  'x:int x: :int :string? [:vector int] [:and int [:> 0]] _x -> => a.b/c Exception. catch finally :keys :strs :or :as when :when :while :let :else ' +
  ":params :retries :on-fail :isolation :timeout-ms 2024-05-01T10:20:30Z resource://a resource:ref r@v1 \\a #' #? #: #<a> {:a 1 :a 2} #{1 1} ()"
).split(' ');
const ODD = [
  '\ufeff',
  '\u00a0',
  '\u2028',
  '\ud800',
  '\udc00',
  '\0',
  '\r\n',
  '\n',
  '\t',
  '😀',
  'é',
  "'",
  '"',
  '\\',
  '`',
  '${x}',
  '*/',
  '\x7f',
  '\u202e',
];

/** Small limits, so that what a text does ends soon. */
const LIMITS: Partial<Limits> = {
  fuel: 20_000,
  frames: 200,
  loopIterations: 1000,
  collectionSize: 5000,
  stringLength: 20_000,
  dataDepth: 100,
  calls: 50,
  pendingBranches: 8,
  callArgumentBytes: 10_000,
  replyBytes: 10_000,
};

function makeText(c: Choices): string {
  switch (c.below(6)) {
    case 0:
      return c.some(30, () => token(c)).join(c.pick([' ', ' ', '', '\n']));
    case 1:
      return forms(c);
    case 2:
      return mutated(c, makeProgram(c));
    case 3:
      return mutated(c, forms(c));
    case 4:
      return mutated(c, c.pick(corpus('texts')));
    default:
      return c.some(40, () => (c.once(3) ? c.pick(ODD) : String.fromCharCode(32 + c.below(95)))).join('');
  }
}

function token(c: Choices): string {
  return c.once(3) ? c.pick(WORDS) : c.once(20) ? c.pick(ODD) : c.pick(ATOMS);
}

/** Balanced forms of any words in any places. */
function forms(c: Choices): string {
  return Array.from({ length: 1 + c.below(3) }, () => form(c, 4)).join('\n');
}

function form(c: Choices, depth: number): string {
  if (depth === 0 || c.once(3))
    return c.once(6) ? c.pick(WORDS) : c.pick(ATOMS.filter((atom) => !/^[()[\]{}]|#[({|_]|;/u.test(atom)));
  const items = (most: number): string => c.some(most, () => form(c, depth - 1)).join(' ');
  switch (c.below(7)) {
    case 0:
    case 1:
    case 2:
      return `(${c.pick(WORDS)} ${items(4)})`;
    case 3:
      return `[${items(4)}]`;
    case 4:
      return `{${c.some(2, () => `${form(c, depth - 1)} ${form(c, depth - 1)}`).join(' ')}}`;
    case 5:
      return `(${c.pick(['let', 'loop', 'for', 'doseq'])} [${form(c, 1)} ${form(c, depth - 1)}] ${items(3)})`;
    default:
      return `(fn [${c.some(2, () => form(c, 1)).join(' ')}] ${items(3)})`;
  }
}

/** Cuts, copies, swaps and inserts at places of the text, and at borders of its tokens. */
function mutated(c: Choices, text: string): string {
  let out = text;
  for (let i = c.below(4); i >= 0; i--) {
    const at = c.below(out.length + 1);
    const to = Math.min(out.length, at + 1 + c.below(12));
    const [head, piece, tail] = [out.slice(0, at), out.slice(at, to), out.slice(to)];
    switch (c.below(6)) {
      case 0:
        out = head + tail;
        break;
      case 1:
        out = head + piece + piece + tail;
        break;
      case 2:
        out = `${head} ${token(c)} ${piece}${tail}`;
        break;
      case 3:
        out = head + c.pick(ODD) + piece + tail;
        break;
      case 4:
        out = head + c.pick([...'()[]{}"\'`~@#^:;&%.-/0']) + tail;
        break;
      default:
        out = out.replace(/[^\s()[\]{}"]+/u, () => token(c));
    }
  }
  return out;
}

// ── what must hold ──────────────────────────────────────────────────────────────────────────────────────────────────

const KINDS = new Set([
  'ParseError',
  'SyntaxError',
  'UnknownType',
  'MacroError',
  'ModuleError',
  'InvalidRegex',
  'SharedStateError',
  'UndefinedSymbol',
  'TypeError',
  'WillFail',
]);
const STATUSES = new Set(['completed', 'failed', 'exhausted', 'suspended', 'cancelled']);

function checkDiagnostics(text: string, diagnostics: readonly Diagnostic[]): string | null {
  for (const { kind, message, span, severity } of diagnostics) {
    const where = `${kind} ${message}`;
    if (severity === 'error' && !KINDS.has(kind)) return `an odd kind of diagnostic: ${where}`;
    const { start, end, line, column } = span;
    if (!(start >= 0 && start <= end && end <= text.length && line >= 1 && column >= 1))
      return `a span outside the text: ${where} ${JSON.stringify(span)}`;
  }
  return null;
}

function checkEnd(outcome: Outcome): string | null {
  if (!STATUSES.has(outcome.status)) return `an odd outcome: ${outcome.status}`;
  if (outcome.status === 'completed') printForPeople(outcome.value);
  if (!('error' in outcome)) return null;
  const { kind, message, span } = outcome.error;
  if (kind === 'InternalError') return `${kind}: ${message}`;
  // The value of a run that cannot leave the machine fails at no place of the program.
  if (span === null && kind !== 'SerializationError' && kind !== 'DepthLimit') return `no span: ${kind} ${message}`;
  return null;
}

/** R1.39: laid out twice a text is the same, and it reads as before. */
function checkLayout(text: string): string | null {
  const once = format(text);
  if (!once.ok) return 'it compiles and does not lay out';
  const twice = format(once.text);
  if (!twice.ok || twice.text !== once.text) return `laid out again it differs: ${once.text}`;
  const shape = (one: string): string =>
    JSON.stringify(read(one).forms, (key, value: unknown) =>
      key === 'span' || key === 'program' ? undefined : typeof value === 'bigint' ? String(value) : value,
    );
  return shape(once.text) === shape(text) ? null : `laid out it reads otherwise: ${once.text}`;
}

/** What is wrong with the reading, compiling or running of a text. */
export function checkText(text: string): string | null {
  const began = performance.now();
  const reading = read(text);
  const compiled = compile(text);
  const wrong =
    checkDiagnostics(text, reading.diagnostics) ??
    checkDiagnostics(text, compiled.diagnostics) ??
    (compiled.ok ? checkLayout(text) : null);
  if (wrong !== null) return wrong;
  if (!compiled.ok) {
    return compiled.diagnostics.some(({ severity }) => severity === 'error') ? null : 'refused without an error';
  }
  const host = { executeCapability: ({ args }: { args: readonly Value[] }): Value => args[0] ?? null };
  const end = checkEnd(runSync(compiled.program, { host, limits: LIMITS }));
  const took = performance.now() - began;
  return end ?? (took > 5000 ? `took ${Math.round(took)} ms` : null);
}

export const TEXTS: Target = { name: 'texts', weight: 4, make: makeText, check: checkText };

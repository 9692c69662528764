/**
 * What a library function takes and gives, in the language's own type expressions: parameters and result in pairs, as in
 * `[:fn [T* & T?] R]` without the brackets and the name, a pair for each way to call it. The first pair whose parameters
 * the arguments satisfy tells the result. `[:int & :int] :int [:number & :number] :float` says of `+` that ints give an
 * int and that any float among the arguments makes a float.
 *
 * A parameter's type is what the function refuses to do without: an argument that does not satisfy it is a TypeError,
 * whatever the others are. What is asked for in some cases alone is wider here (`Callback`).
 */
import { read } from '../reader/read.ts';
import { parseType, parseTypeForm } from '../types/parse.ts';
import type { FnType, Type } from '../types/type.ts';

/** Types that signatures name beside those of R15.2: the name, its type, and what it stands for. */
export const SIGNATURE_TYPES = [
  [
    'Coll',
    '[:union :vector :list :set :map :string :nil]',
    'anything with elements: a vector, list, set, map or string; nil has none',
  ],
  [
    'Callable',
    '[:union :fn :keyword :map :set :vector]',
    'a function, or a keyword, map, set or vector, which look up',
  ],
  ['Callback', ':any', 'a function or what stands for one (Callable), looked at when it is called'],
  ['Pattern', '[:union :regex :string]', 'a regular expression or its text'],
  ['Match', '[:union :string [:vector :string?]]', 'a match: its text, with groups `[all g1 …]`'],
  ['Name', '[:union :string :keyword :symbol]', 'what has a name'],
  ['Keyed', '[:union :map :set :error :nil]', 'what is looked up by keys of any kind'],
] as const;

/** The ways to call a function, and how many arguments that makes: `max` is null for any number. */
export interface Signature {
  readonly ways: readonly FnType[];
  readonly min: number;
  readonly max: number | null;
}

const ANY: Type = { t: 'basic', name: 'any' };

/** Takes any number of anything and gives anything: what is known of a function of which nothing is known. */
export const ANYTHING: readonly FnType[] = [{ t: 'fn', parameters: [], rest: ANY, result: ANY }];

let named: ReadonlyMap<string, Type> | null = null;

function namedTypes(): ReadonlyMap<string, Type> {
  named ??= new Map(SIGNATURE_TYPES.map(([name, text]) => [name, parseType(text)]));
  return named;
}

/** Reads a signature. Throws for a text that is none: it is this package's own. */
export function parseSignature(text: string): Signature {
  const { forms } = read(text);
  const ways: FnType[] = [];
  for (let i = 0; i < forms.length; i += 2) {
    const [parameters, result] = [forms[i], forms[i + 1]];
    if (parameters === undefined || result === undefined) throw new Error(`no signature: ${text}`);
    const fn = { t: 'symbol', name: 'fn', span: parameters.span } as const;
    const parsed = parseTypeForm({ t: 'vector', items: [fn, parameters, result], span: parameters.span }, namedTypes());
    if (!parsed.ok || parsed.type.t !== 'fn') throw new Error(`no signature: ${text}`);
    ways.push(parsed.type);
  }
  const open = ways.some(({ rest }) => rest !== null);
  const counts = ways.map(({ parameters }) => parameters.length);
  return { ways, min: Math.min(...counts), max: open ? null : Math.max(...counts) };
}

/** The text of a function that takes a sequence and gives one of the same kind (R16.1); `before` are its first parameters. */
export function sameKindSignature(before = ''): string {
  const first = before === '' ? '' : `${before} `;
  return `[${first}:list] :list [${first}:string] :string [${first}:Coll] :vector`;
}

/** The text of a question whether a value satisfies `type`. */
export function questionSignature(type: string): string {
  return `[${type}] [:val true] [:any] [:val false]`;
}

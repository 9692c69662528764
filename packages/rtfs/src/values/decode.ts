/** Tagged JSON → values, strictly: what encoding would not produce is refused (R14.11). */
import type { Json } from '../machine/types.ts';
import { dataMap, fail } from './fail.ts';
import { ErrorValue, Float, Keyword, Sym } from './kinds.ts';
import type { Value } from './kinds.ts';
import { isKey } from './keys.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { List } from './list.ts';
import { PMap } from './map.ts';
import type { Entry } from './map.ts';
import { isName, isSymbolName } from './names.ts';
import { INT_MAX, INT_MIN } from './numbers.ts';
import { pathText } from './path.ts';
import type { PathStep } from './path.ts';
import { floatText } from './print.ts';
import { compileRegex } from './regex.ts';
import { PSet } from './set.ts';
import { Vec } from './vector.ts';

type JsonObject = { readonly [key: string]: Json };

class Decoder {
  readonly #maxDepth: number;
  readonly #steps: PathStep[] = [];

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  refuse(what: string): never {
    const path = pathText(this.#steps);
    fail('SerializationError', `Invalid tagged JSON at ${path}: ${what}`, dataMap([['path', path]]));
  }

  value(json: Json): Value {
    switch (typeof json) {
      case 'boolean':
        return json;
      case 'string':
        return this.text(json);
      case 'number':
        return this.#number(json);
    }
    if (json === null) return null;
    if (typeof json !== 'object') this.refuse('not JSON');
    if (Array.isArray(json)) return Vec.of(this.items(json as readonly Json[]));
    return this.#object(json as JsonObject);
  }

  text(json: Json | undefined): string {
    if (typeof json !== 'string') this.refuse('expected a string');
    if (!json.isWellFormed()) this.refuse('lone surrogate');
    return json;
  }

  #number(x: number): number {
    if (!Number.isFinite(x)) this.refuse('a number that JSON does not have');
    if (Number.isInteger(x) && (!Number.isSafeInteger(x) || Object.is(x, -0))) {
      this.refuse('an integral number that is no small int');
    }
    return x;
  }

  at(json: Json | undefined, step: PathStep): Value {
    this.#steps.push(step);
    const value = this.value(json as Json);
    this.#steps.pop();
    return value;
  }

  /** Says that a collection or error begins here. */
  nest(): void {
    if (this.#steps.length >= this.#maxDepth) this.refuse(`nested deeper than ${this.#maxDepth}`);
  }

  items(json: Json | undefined): Value[] {
    this.nest();
    if (!Array.isArray(json)) this.refuse('expected an array');
    return (json as readonly Json[]).map((item, index) => this.at(item, { index }));
  }

  pairs(json: Json): Entry[] {
    this.nest();
    if (!Array.isArray(json)) this.refuse('expected an array of pairs');
    return (json as readonly Json[]).map((pair, index): Entry => {
      if (!Array.isArray(pair) || pair.length !== 2) this.refuse('expected a pair');
      const key = this.key(this.at(pair[0] as Json, { index }));
      return [key, this.at(pair[1] as Json, { key })];
    });
  }

  #object(object: JsonObject): Value {
    const keys = Object.keys(object);
    const tag = keys.find((key) => key.startsWith('$'));
    if (tag === undefined) {
      this.nest();
      return PMap.of(
        keys.map((name): Entry => {
          const key = this.#key(name);
          return [key, this.at(object[name], { key })];
        }),
      );
    }
    if (keys.length > 1) this.refuse(`${tag} beside other keys`);
    const decode = Object.hasOwn(TAGS, tag) ? TAGS[tag] : undefined;
    return decode === undefined ? this.refuse(`unknown tag ${tag}`) : decode(object[tag] as Json, this);
  }

  #key(name: string): Value {
    if (!name.isWellFormed()) this.refuse('lone surrogate');
    if (name.startsWith(':')) return Keyword.of(this.name(name.slice(1)));
    if (!name.startsWith("'")) return name;
    return /^'[:$']/.test(name) ? name.slice(1) : this.refuse("unnecessary '");
  }

  name(text: string): string {
    return isName(text) ? text : this.refuse(`not a keyword name: ${JSON.stringify(text)}`);
  }

  key(key: Value): Value {
    return isKey(key) ? key : this.refuse('a key that is a regex, error or NaN, or holds one');
  }
}

type Decode = (json: Json, d: Decoder) => Value;

const TAGS: Readonly<Record<string, Decode>> = {
  $int: (json, d) => {
    const text = d.text(json);
    if (!/^-?[1-9][0-9]{15,18}$/.test(text)) d.refuse('not an int of more than 53 bits');
    const big = BigInt(text);
    if (big < INT_MIN || big > INT_MAX) d.refuse('int outside 64 bits');
    return Number.isSafeInteger(Number(big)) ? d.refuse('$int of a small int') : big;
  },
  $float: (json, d) => {
    const text = d.text(json);
    if (text === 'NaN') return NaN;
    if (text === 'Inf') return Infinity;
    if (text === '-Inf') return -Infinity;
    const x = Number(text);
    if (!Number.isInteger(x) || floatText(x) !== text) d.refuse(`not a float that needs its tag: ${text}`);
    return new Float(x);
  },
  $kw: (json, d) => Keyword.of(d.name(d.text(json))),
  $sym: (json, d) => {
    const name = d.text(json);
    return isSymbolName(name) ? Sym.of(name) : d.refuse(`not a symbol name: ${JSON.stringify(name)}`);
  },
  $re: (json, d) => {
    const source = d.text(json);
    try {
      const regex = compileRegex(source);
      if (regex.source === source) return regex;
    } catch (error) {
      if (!(error instanceof ErrorValue)) throw error;
    }
    return d.refuse('not a regular expression');
  },
  $list: (json, d) => List.of(d.items(json)),
  $set: (json, d) => {
    const items = d.items(json);
    items.forEach((item) => d.key(item));
    const set = PSet.of(items);
    return set.n === items.length ? set : d.refuse('equal elements in $set');
  },
  $map: (json, d) => {
    const pairs = d.pairs(json);
    const map = PMap.of(pairs);
    if (map.n !== pairs.length) d.refuse('equal keys in $map');
    const plain = pairs.every(([key]) => typeof key === 'string' || key instanceof Keyword);
    return plain ? d.refuse('$map whose keys are all strings or keywords') : map;
  },
  $error: (json, d) => {
    if (json === null || typeof json !== 'object' || Object.keys(json).toSorted().join() !== 'data,kind,message') {
      d.refuse('$error needs kind, message and data');
    }
    d.nest();
    const { kind, message, data } = json as JsonObject;
    return new ErrorValue(d.name(d.text(kind)), d.text(message), d.at(data, { key: DATA }));
  },
};

const DATA = Keyword.of('data');

/** True for the most common scalars: they are their own value, wherever they stand. */
function isOwnValue(json: Json): json is number | string | boolean | null {
  switch (typeof json) {
    case 'boolean':
      return true;
    case 'string':
      return json.isWellFormed();
    case 'number':
      return Number.isSafeInteger(json) && !Object.is(json, -0);
    default:
      return json === null;
  }
}

/**
 * The value of tagged JSON. Throws SerializationError, with the path in its data, for anything that `encode` would
 * not produce,
 * and for what nests deeper than `maxDepth`.
 */
export function decode(json: Json, maxDepth: number = DEFAULT_LIMITS.dataDepth): Value {
  return isOwnValue(json) ? json : new Decoder(maxDepth).value(json);
}

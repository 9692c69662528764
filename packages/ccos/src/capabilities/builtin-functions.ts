/**
 * What carries out the built-ins of the sides `pure` and `host` (P5). The rows of the side `guest` are carried out by
 * `files.ts`.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { ErrorValue, Keyword, PMap, float, type Value } from '@ccos/rtfs';
import { add, parseJson, printForPeople, serializeJson, str } from '@ccos/rtfs/internal';
import { CcosError } from '../foundation/errors.ts';
import type { CapabilityContext } from './context.ts';
import { libraryFunction } from './library-function.ts';

/** Carries out a call whose arguments fit its schema. Throws `CcosError`, or an error of the language. */
export type BuiltinFunction = (args: readonly Value[], context: CapabilityContext) => Value | Promise<Value>;

/** UTF-16 units of the longest string that `ccos.string.concat` makes. */
const CONCAT_LENGTH_MAX = 16 * 1024 * 1024;

/** Every function, by the id of its row. */
export const BUILTIN_FUNCTIONS: ReadonlyMap<string, BuiltinFunction> = new Map<string, BuiltinFunction>([
  ['ccos.echo', ([value]) => value ?? null],
  ['ccos.math.add', ([a, b]) => add(a ?? null, b ?? null)],
  ['ccos.string.concat', concat],
  [
    'ccos.data.parse-json',
    ([text, options]) =>
      data('DATA_JSON', 'JsonError', () =>
        parseJson(text as string, { keywords: option(options, 'keywords') === true }),
      ),
  ],
  [
    'ccos.data.serialize-json',
    ([value, options]) =>
      data('DATA_JSON', 'SerializationError', () => serializeJson(value ?? null, option(options, 'pretty') === true)),
  ],
  [
    'ccos.data.parse-csv',
    ([text, options]) =>
      data('DATA_CSV', 'InvalidArgument', () => libraryFunction('parse-csv', [text ?? null, options ?? PMap.empty])),
  ],
  ['ccos.io.print', (args, context) => printed(context, args, '')],
  ['ccos.io.println', (args, context) => printed(context, args, '\n')],
  ['ccos.io.log', log],
  [
    'ccos.system.get-env',
    ([name], { environment }) => new Map(Object.entries(environment)).get(name as string) ?? null,
  ],
  ['ccos.system.current-time', (_args, context) => new Date(context.clock.now()).toISOString()],
  ['ccos.system.current-timestamp-ms', (_args, context) => context.clock.now()],
  ['ccos.system.sleep', ([ms], context) => sleep(Number(ms), context.signal)],
  ['ccos.system.random', () => float(Number(randomBytes(8).readBigUInt64BE() >> 11n) / 2 ** 53)],
  ['ccos.system.random-int', ([n]) => randomBelow(n as number | bigint)],
  ['ccos.system.uuid', () => randomUUID()],
]);

function option(options: Value | undefined, name: string): Value {
  return options instanceof PMap ? (options.get(Keyword.of(name)) ?? null) : null;
}

function concat(parts: readonly Value[]): Value {
  const texts = parts as readonly string[];
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length > CONCAT_LENGTH_MAX) {
    throw new CcosError(
      'CAP_TOO_LARGE',
      `The joined string has ${length} characters, ${CONCAT_LENGTH_MAX} are allowed`,
      { hint: 'join less data' },
    );
  }
  return texts.join('');
}

/** The language's own function; its error of the kind that the data causes gets the capability's code. */
function data(code: 'DATA_JSON' | 'DATA_CSV', kind: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ErrorValue) || error.kind !== kind) throw error;
    throw new CcosError(code, error.message, { details: positionOf(error.data), cause: error });
  }
}

function positionOf(data: Value): Record<string, number> {
  const position: Record<string, number> = {};
  for (const name of ['line', 'column']) {
    const at = option(data, name);
    if (typeof at === 'number') position[name] = at;
  }
  return position;
}

function printed(context: CapabilityContext, args: readonly Value[], end: string): null {
  context.output.emit(args.map((arg) => str(arg)).join(' ') + end);
  return null;
}

function log(args: readonly Value[], context: CapabilityContext): null {
  const [entry] = args;
  const message = entry instanceof PMap ? option(entry, 'message') : null;
  if (args.length !== 1 || typeof message !== 'string') {
    context.output.emit(`[info] ${args.map((arg) => str(arg)).join(' ')}\n`);
    return null;
  }
  const level = option(entry, 'level'),
    extra = option(entry, 'data');
  const shown = extra === null ? '' : ` ${printForPeople(extra)}`;
  context.output.emit(`[${level instanceof Keyword ? level.name : 'info'}] ${message}${shown}\n`);
  return null;
}

/** Waits; the call's deadline and a cancellation end it by its signal, whose reason is thrown. */
function sleep(ms: number, signal: AbortSignal): Promise<null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(null);
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Uniform below n: by rejection, since a remainder would favour small numbers. */
function randomBelow(n: number | bigint): number | bigint {
  if (typeof n === 'number' && n < 2 ** 48) return randomInt(n);
  const bound = BigInt(n);
  const limit = 2n ** 64n - (2n ** 64n % bound);
  for (;;) {
    const drawn = randomBytes(8).readBigUInt64BE();
    if (drawn >= limit) continue;
    const value = drawn % bound;
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }
}

/**
 * Requests as the program makes them: ids and arguments are checked before the host is asked (R11.1, R11.2).
 */
import { FINAL_KINDS } from '../values/error-kind.ts';
import { fail, failAs, invalid, typeError } from '../values/fail.ts';
import { toPlain } from '../values/plain.ts';
import { encode } from '../values/codec.ts';
import { Keyword } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import { PMap } from '../values/map.ts';
import { cross, crossAll } from './crossing.ts';
import { Ask } from './protocol.ts';
import type { Limits } from './types.ts';

/** The shape of a capability id (R11.1). */
const ID = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,127}$/;

interface Call {
  readonly site: string;
  readonly id: Value;
  readonly args: Value[];
  readonly hints: Value;
  readonly span: Span;
}

/** A capability call. Throws TypeError, InvalidArgument, SerializationError. */
export function askCall(rt: { limits: Limits }, { site, id, args, hints, span }: Call): Ask {
  const name = id instanceof Keyword ? id.name : id;
  if (typeof name !== 'string') return typeError('call', 'keyword or string', id);
  if (!ID.test(name)) return invalid('call', 'the capability id is not well-formed');
  const { callArgumentBytes: bytes, dataDepth: depth } = rt.limits;
  const crossed = crossAll(args, { bytes, depth });
  if (hints !== null && !(hints instanceof PMap)) return typeError('call', 'map', hints);
  return new Ask(site, {
    kind: 'call',
    id: name,
    args: crossed,
    span,
    hints: hints === null ? null : toPlain(hints),
  });
}

/** A context value of the host. */
export function askContext(site: string, key: Value): Ask {
  const name = key instanceof Keyword ? key.name : key;
  return typeof name === 'string' ? new Ask(site, { kind: 'context', key: name }) : typeError('get', 'keyword', key);
}

/** A checkpoint (R12.17). */
export function askCheckpoint(
  rt: { limits: Limits },
  { site, label, value }: { site: string; label: string | null; value: Value },
): Ask {
  const { callArgumentBytes: bytes, dataDepth: depth } = rt.limits;
  return new Ask(site, {
    kind: 'checkpoint',
    label,
    context: encode(cross(value, { bytes, depth }), { maxDepth: depth, maxCharacters: bytes }),
  });
}

/** The kinds with which a host may answer (R11.3). */
const HOST_KINDS = new Set([
  'SecurityViolation',
  'UnknownCapability',
  'CapabilityError',
  'InvalidInput',
  'InvalidOutput',
  'Timeout',
  'IoError',
  'NetworkError',
  'BudgetExceeded',
  'ApprovalDenied',
]);

/** Raises a host's error as the program sees it: a kind it may not use is CapabilityError, with the kind in the data (R11.3). */
export function raise({ kind, message, data = null }: { kind: string; message: string; data?: Value }): never {
  if (HOST_KINDS.has(kind) || FINAL_KINDS.has(kind)) return failAs(kind, message, data);
  const known = data instanceof PMap ? data : PMap.of(data === null ? [] : [[Keyword.of('data'), data]]);
  return fail('CapabilityError', message, known.set(Keyword.of('kind'), Keyword.of(kind)));
}

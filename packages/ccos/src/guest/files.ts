/**
 * The file capabilities (P5) over one mechanism: a path that was judged once (`GrantedPath`) and is opened by the
 * descriptor walk. The same code runs in a guest, where the mount table is the wall, and on the host, where the walk is
 * (M7.8), so that a path names the same file on every wall (M7.4). No link is followed below a grant (S6.5).
 */
import { constants, readSync } from 'node:fs';
import { Keyword, PMap, type Value } from '@ccos/rtfs';
import { typeName } from '@ccos/rtfs/internal';
import type { GrantedPath } from '../model/program.ts';
import { changed, type FileCall, fileError, fromSystem, fromWalk, tooLarge, violation } from './file-errors.ts';
import { atPlace, namesOf, withFile } from './file-place.ts';
import { decodeBytes, encodeText, type Encoding } from './file-text.ts';
import { appendBytes, replaceFile } from './file-writes.ts';
import { listFolder } from './list-folder.ts';
import { HeldGrants, type OpenGrant } from './open-grant.ts';
import { descend, WalkFailure } from './walk.ts';

/** P5.8: how much `read-file` returns, unless `:max-bytes` says otherwise, and what that may say at most. */
const MAX_BYTES_DEFAULT = 1024 * 1024,
  MAX_BYTES_LIMIT = 16 * 1024 * 1024;

interface Arguments {
  readonly path: string;
  readonly content: Value;
  readonly options: PMap;
}
interface Effect {
  readonly writes: boolean;
  run(call: FileCall, args: Arguments, opened: OpenGrant): Value;
}

const EFFECTS = new Map<string, Effect>([
  ['ccos.io.read-file', { writes: false, run: readFile }],
  ['ccos.io.write-file', { writes: true, run: writeFile }],
  ['ccos.io.append-file', { writes: true, run: appendFile }],
  ['ccos.io.file-exists', { writes: false, run: fileExists }],
  ['ccos.io.list-dir', { writes: false, run: listDir }],
]);

/** The ids that `fileEffect` carries out. */
export const FILE_CAPABILITIES: readonly string[] = [...EFFECTS.keys()];

/**
 * Carries out one file capability. `args` is the vector of the call (P3.1), whose path is used for messages alone; what
 * is reached is `granted`. `held` are the grants that a host holds open; without it the grant is opened for this call.
 * Throws `CcosError`: the codes of P5, `IO_DENIED`, `IO_FULL`, `CAP_INPUT`, `SECURITY_VIOLATION`, `CAP_UNKNOWN`.
 */
export function fileEffect(capability: string, args: readonly Value[], granted: GrantedPath, held?: HeldGrants): Value {
  const effect = EFFECTS.get(capability);
  const read = readArguments(args);
  const call: FileCall = { capability, asked: read.path, granted, writes: effect?.writes ?? false };
  if (effect === undefined) throw fileError('CAP_UNKNOWN', call, `No file capability '${capability}'`);
  if (effect.writes && granted.grant.access !== 'write') {
    throw violation(call, 'Path not allowed by policy (write=true)', `--write ${granted.grant.asWritten}`);
  }
  const grants = held ?? new HeldGrants();
  try {
    return effect.run(call, read, openFor(call, grants));
  } catch (error) {
    throw fromSystem(call, error, null);
  } finally {
    if (held === undefined) grants.close();
  }
}

/** The positional form and the form of one map (P5) are the same arguments. */
function readArguments(args: readonly Value[]): Arguments {
  const first = args[0];
  const options = first instanceof PMap ? first : (args.find((arg) => arg instanceof PMap) ?? PMap.empty);
  const path = first instanceof PMap ? option(first, 'path') : first;
  const content = first instanceof PMap ? option(first, 'content') : args[1];
  return { path: typeof path === 'string' ? path : '', content: content ?? null, options };
}

function option(options: PMap, name: string): Value {
  return options.get(Keyword.of(name)) ?? null;
}

function badArgument(call: FileCall, name: string, expected: string, found: Value): Error {
  return fileError(
    'CAP_INPUT',
    call,
    `${call.capability}: ${name} is ${expected}, found a value of type ${typeName(found)}`,
    `write ${expected}`,
  );
}

/** The path of a grant was resolved when it was granted: whatever stands in the way now came later. */
function openFor(call: FileCall, grants: HeldGrants): OpenGrant {
  try {
    return grants.of(call.granted.grant);
  } catch (error) {
    if (!(error instanceof WalkFailure)) throw fromSystem(call, error, null);
    throw error.reason === 'system' ? fromSystem(call, error.cause, null) : changed(call, error.cause);
  }
}

function readFile(call: FileCall, args: Arguments, opened: OpenGrant): Value {
  const max = option(args.options, 'max-bytes') ?? MAX_BYTES_DEFAULT;
  if (typeof max !== 'number' || !Number.isInteger(max) || max < 0 || max > MAX_BYTES_LIMIT) {
    throw badArgument(call, ':max-bytes', `an int from 0 to ${MAX_BYTES_LIMIT}`, max);
  }
  const encoding = encodingOf(call, args);
  return withFile(call, opened, constants.O_RDONLY, (fd, stats) => {
    const bytes = stats.size > max ? null : readAtMost(fd, max);
    if (bytes !== null) return decodeBytes(call, bytes, encoding);
    throw tooLarge(
      call,
      `The file has ${Math.max(stats.size, max + 1)} bytes or more, ${max} are allowed`,
      `{:max-bytes N}, at most ${MAX_BYTES_LIMIT}`,
    );
  });
}

/**
 * All bytes of an open file, or null where there are more than `max`: the file may have grown since it was looked at.
 */
function readAtMost(fd: number, max: number): Uint8Array | null {
  const chunks: Uint8Array[] = [];
  for (let total = 0; ;) {
    const chunk = Buffer.allocUnsafe(Math.min(max + 1 - total, 65_536));
    const count = readSync(fd, chunk);
    if (count === 0) return Buffer.concat(chunks, total);
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (total > max) return null;
  }
}

function writeFile(call: FileCall, args: Arguments, opened: OpenGrant): Value {
  const mode = option(args.options, 'mode') ?? 'overwrite';
  if (mode !== 'create' && mode !== 'overwrite') throw badArgument(call, ':mode', '"create" or "overwrite"', mode);
  const bytes = contentOf(call, args);
  atPlace(call, opened, (place) => replaceFile(call, place, bytes, mode === 'create'));
  return null;
}

function appendFile(call: FileCall, args: Arguments, opened: OpenGrant): Value {
  const bytes = contentOf(call, args);
  atPlace(call, opened, (place) => appendBytes(call, place, bytes));
  return null;
}

/** True for whatever has that name, a link included, wherever it points (S6.5); false where nothing has it. */
function fileExists(call: FileCall, _args: Arguments, opened: OpenGrant): Value {
  if (opened.file === null && namesOf(call).length === 0) return true;
  try {
    return atPlace(call, opened, ({ folder, name }) => !folder.hidden && folder.stat(name) !== null);
  } catch (error) {
    if (error instanceof WalkFailure && (error.reason === 'absent' || error.reason === 'not-folder')) return false;
    throw error;
  }
}

function listDir(call: FileCall, _args: Arguments, opened: OpenGrant): Value {
  if (opened.file !== null) throw fromWalk(call, new WalkFailure('not-folder', -1, null));
  const folder = descend(opened.folder, namesOf(call));
  try {
    return listFolder(call, folder);
  } finally {
    folder.close();
  }
}

function contentOf(call: FileCall, args: Arguments): Uint8Array {
  if (typeof args.content !== 'string') throw badArgument(call, 'content', 'a string', args.content);
  return encodeText(call, args.content, encodingOf(call, args));
}

function encodingOf(call: FileCall, args: Arguments): Encoding {
  const encoding = option(args.options, 'encoding') ?? 'utf-8';
  if (encoding === 'utf-8' || encoding === 'base64') return encoding;
  throw badArgument(call, ':encoding', '"utf-8" or "base64"', encoding);
}

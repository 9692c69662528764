/**
 * Path arguments (S6): read once against the base folder, and turned once into a grant and what lies below it.
 * Comparing paths here serves the message and the record; the wall is the mount table, or the walk that follows no
 * link (M7).
 */
import { isAbsolute, normalize, resolve, sep } from 'node:path';
import type { Grant, GrantedPath } from '../model/program.ts';

/** System folders that no guest ever sees, whatever the policy says (S6.4). */
const SYSTEM_FOLDERS = ['/proc', '/sys', '/dev', '/boot'];

/** A path argument made absolute, or why it is none. */
export type ReadPath = { readonly absolute: string } | { readonly fault: 'empty' | 'nul' | 'parent-segment' };

/**
 * Joins a path argument with the base folder and normalises it (S6.2). `..` is refused as a segment, never followed.
 */
export function readPath(baseFolder: string, text: string): ReadPath {
  if (text === '') return { fault: 'empty' };
  if (text.includes('\0')) return { fault: 'nul' };
  if (text.split(/[/\\]/).includes('..')) return { fault: 'parent-segment' };
  return { absolute: resolve(baseFolder, text) };
}

/**
 * What lies below `root` on the way to `path`, both absolute and normalised: '' for the root itself, null outside
 * (S6.1).
 */
export function below(root: string, path: string): string | null {
  if (path === root) return '';
  const prefix = root.endsWith(sep) ? root : root + sep;
  return path.startsWith(prefix) ? path.slice(prefix.length) : null;
}

/** A path as a policy holds it: relative to the base folder where it lies below it, else absolute (S9.7). */
export function portable(baseFolder: string, path: string): string {
  const relative = below(baseFolder, path);
  return relative === null ? path : relative === '' ? '.' : relative;
}

/**
 * True for a resolved path that can never be exposed to a guest: `/`, the system's own folders, and those given
 * (S6.4).
 */
export function isNeverBindable(path: string, hidden: readonly string[]): boolean {
  return path === sep || [...SYSTEM_FOLDERS, ...hidden].some((folder) => below(folder, path) !== null);
}

/** What the grants of a context are asked against. */
export interface GrantTable {
  readonly baseFolder: string;
  readonly grants: readonly Grant[];
  /** Absolute, resolved: the state, cache and run folders. */
  readonly hidden: readonly string[];
}

/** The verdict on one path argument: covered, or the reason why not. */
export type PathVerdict =
  | { readonly granted: GrantedPath }
  | { readonly refused: 'uncovered' | 'hidden' | 'parent-segment' | 'empty' | 'nul' };

/** Finds the closest grant that covers a path argument for this access; a write grant serves reading too (S6.3). */
export function findGrant(table: GrantTable, text: string, access: 'read' | 'write'): PathVerdict {
  const read = readPath(table.baseFolder, text);
  if ('fault' in read) return { refused: read.fault };
  const granted = closest(table, read.absolute, access);
  if (granted === null) return { refused: isNeverBindable(read.absolute, table.hidden) ? 'hidden' : 'uncovered' };
  return isNeverBindable(absolutePath(granted), table.hidden) ? { refused: 'hidden' } : { granted };
}

/** The absolute form of a granted path, which is what a guest sees (S6.2). */
export function absolutePath(granted: GrantedPath): string {
  return granted.relative === '' ? granted.grant.path : `${granted.grant.path}${sep}${granted.relative}`;
}

function closest(table: GrantTable, absolute: string, access: 'read' | 'write'): GrantedPath | null {
  let best: GrantedPath | null = null;
  for (const grant of table.grants) {
    if (access === 'write' && grant.access !== 'write') continue;
    // A plan may name the granted folder as its user did, through a link on the way to it, or by its resolved form.
    const relative = below(resolve(table.baseFolder, grant.asWritten), absolute) ?? below(grant.path, absolute);
    if (relative === null || (relative !== '' && grant.kind === 'file')) continue;
    if (best === null || relative.length < best.relative.length) best = { grant, relative };
  }
  return best;
}

/** The folder of a path as it was written: what `--write` would have to name (S14.10). */
export function folderAsWritten(text: string): string {
  const clean = normalize(text);
  const cut = clean.lastIndexOf(sep);
  return cut < 0 ? '.' : cut === 0 && isAbsolute(clean) ? sep : clean.slice(0, cut);
}

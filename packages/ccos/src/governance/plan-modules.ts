/**
 * The modules of a plan (G1.5): `a.b` is the file `a/b.rtfs` below the folder of the plan's own file. Nothing else is looked at:
 * no other folder, no link, no network.
 */
import { join } from 'node:path';
import type { ModuleResolver, ModuleSource } from '@ccos/rtfs';
import { readOpen, systemFiles } from '../foundation/files.ts';
import { errnoOf } from '../foundation/errors.ts';

/** Bytes of the largest module, as of the largest plan (O1.3). */
const MODULE_BYTES_MAX = 1024 * 1024;

/** A module's name has no part that a file system would take for anything but a name (R10.1 as the language reads it). */
const PART = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Finds modules below `folder`. Throws, with the reason, where the file is there and cannot be taken. */
export function modulesBelow(folder: string): ModuleResolver {
  return {
    resolve(name) {
      const parts = name.split('.');
      if (!parts.every((part) => PART.test(part))) return null;
      const file = `${parts.join('/')}.rtfs`;
      const source = readModule(folder, parts, file);
      return source === null ? null : { source, file: join(folder, file) };
    },
  };
}

/** The text of a module, or null when a folder or file on the way to it is missing. */
function readModule(folder: string, parts: readonly string[], file: string): string | null {
  let path = folder;
  for (const part of parts.slice(0, -1)) {
    path = join(path, part);
    const status = systemFiles.status(path);
    if (status === null) return null;
    if (status.kind === 'link') throw new Error(`${path} is a link, and modules lie in the plan's own folder`);
    if (status.kind !== 'folder') return null;
  }
  return readText(join(folder, file));
}

function readText(path: string): string | null {
  let fd: number;
  try {
    fd = systemFiles.open(path, 'read');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return null;
    const why = errno === 'ELOOP' ? "is a link, and modules lie in the plan's own folder" : `cannot be read (${errno})`;
    throw new Error(`${path} ${why}`, { cause: error });
  }
  try {
    const { kind, size } = systemFiles.statusOf(fd);
    if (kind !== 'file') throw new Error(`${path} is no regular file`);
    if (size > MODULE_BYTES_MAX) throw new Error(`${path} has ${size} bytes, and a module at most 1 MiB`);
    return textOf(readOpen(systemFiles, fd), path);
  } finally {
    systemFiles.close(fd);
  }
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${path} is not UTF-8`, { cause: error });
  }
}

/** A resolver that keeps what it gave: these texts are part of the plan, and its hash covers them (R10.6). */
export function keepingModules(modules: ModuleResolver): ModuleResolver & { readonly given: readonly ModuleSource[] } {
  const given: ModuleSource[] = [];
  return {
    given,
    resolve(name) {
      const found = modules.resolve(name);
      if (found !== null) given.push({ name, source: found.source, file: found.file });
      return found;
    },
  };
}

/** Where there is no folder: a plan from stdin, or one that a program gave as text. */
export const NO_MODULES: ModuleResolver = { resolve: () => null };

/**
 * The loader and the libraries that a binary links, at the paths where the loader looks for them (M9.1). The binary's own
 * interpreter lists them; the answer is kept in the user's cache folder by the binary's identity.
 */
import { execFile } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { cacheFolder } from '../../../foundation/cache-folder.ts';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../foundation/atomic-file.ts';
import { sha256 } from '../../../foundation/digest.ts';
import { CcosError } from '../../../foundation/errors.ts';

const PT_INTERP = 3;

/** The ELF interpreter that the binary names, or null for a static one. Throws `LAUNCH_FAILED` for what is no 64-bit ELF file. */
export function elfInterpreter(path: string): string | null {
  const fd = openSync(path, 'r');
  try {
    const header = Buffer.alloc(64);
    if (
      readSync(fd, header, 0, 64, 0) < 64 ||
      header.toString('latin1', 0, 4) !== '\x7fELF' ||
      header[4] !== 2 ||
      header[5] !== 1
    ) {
      throw new CcosError('LAUNCH_FAILED', `Not a 64-bit little-endian ELF binary: ${path}`, {
        hint: 'run CCOS with the Node that the repository brings',
      });
    }
    const [offset, size, count] = [
      Number(header.readBigUInt64LE(0x20)),
      header.readUInt16LE(0x36),
      header.readUInt16LE(0x38),
    ];
    const table = Buffer.alloc(size * count);
    readSync(fd, table, 0, table.length, offset);
    for (let at = 0; at < table.length; at += size) {
      if (table.readUInt32LE(at) !== PT_INTERP) continue;
      const name = Buffer.alloc(Number(table.readBigUInt64LE(at + 32)));
      readSync(fd, name, 0, name.length, Number(table.readBigUInt64LE(at + 8)));
      return name.toString('utf8').replace(/\0.*$/s, '');
    }
    return null;
  } finally {
    closeSync(fd);
  }
}

/** What a loader's `--list` prints: paths behind `=>`, and the loader itself. */
export function parseLoaderList(text: string): readonly string[] {
  const paths = text.split('\n').flatMap((line) => {
    const found = /(?:=>\s*)?(\/\S+)\s+\(0x[0-9a-f]+\)/.exec(line);
    return found === null ? [] : [found[1]!];
  });
  return [...new Set(paths)].sort();
}

/** Paths of the loader and all libraries of a binary. Throws `LAUNCH_FAILED`. `cache` is the cache folder, null for none. */
export async function librariesOf(binary: string, cache: string | null = cacheFolder()): Promise<readonly string[]> {
  const { dev, ino, size, mtimeMs, ctimeMs } = statSync(binary);
  const identity = [binary, dev, ino, size, mtimeMs, ctimeMs].join(':');
  const file = cache === null ? null : join(cache, `libraries-${sha256(identity).slice(0, 16)}.json`);
  const kept = file === null ? null : readKept(file, identity);
  if (kept !== null) return kept;
  const interpreter = elfInterpreter(binary);
  const found = interpreter === null ? [] : parseLoaderList(await list(interpreter, binary));
  const libraries = interpreter === null || found.includes(interpreter) ? found : [...found, interpreter].sort();
  if (file !== null) await keep(file, { identity, libraries });
  return libraries;
}

function list(interpreter: string, binary: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(interpreter, ['--list', binary], { env: {}, timeout: 5_000 }, (error, stdout) => {
      if (error === null) return resolve(stdout);
      reject(
        new CcosError('LAUNCH_FAILED', `Cannot list the libraries of ${binary}`, {
          cause: error,
          hint: `try: ${interpreter} --list ${binary}`,
        }),
      );
    });
  });
}

/** An entry that still holds, or null: every path in it must still be there, for packages are upgraded under us. */
function readKept(file: string, identity: string): readonly string[] | null {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { identity?: unknown; libraries?: unknown };
    if (kept.identity !== identity || !Array.isArray(kept.libraries)) return null;
    for (const path of kept.libraries) statSync(String(path));
    return kept.libraries as string[];
  } catch {
    return null;
  }
}

/** The cache is a convenience: where it cannot be written, the list is made again next time. */
async function keep(file: string, entry: { identity: string; libraries: readonly string[] }): Promise<void> {
  try {
    await writeFileAtomic(file, JSON.stringify(entry), { durability: 'relaxed' });
  } catch {
    return;
  }
}

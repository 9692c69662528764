/** What `ccos.io.list-dir` returns (P5): the entries of a folder by name, links told as links. */
import { opendirSync, type Stats } from 'node:fs';
import { compare, Keyword, PMap, type Value, Vec } from '@ccos/rtfs';
import { type FileCall, tooLarge } from './file-errors.ts';
import type { Folder } from './walk.ts';

/** P5: how many entries one listing returns at most. */
const ENTRIES_MAX = 10_000;

const NAME = Keyword.of('name'),
  KIND = Keyword.of('kind'),
  SIZE = Keyword.of('size');

/**
 * The entries of an open folder, each `{:name :kind :size}`, in the language's order of strings. `size` is in bytes for
 * a file and 0 for all else, where file systems differ. A name that is not UTF-8 shows U+FFFD for what cannot be said.
 * Throws `CAP_TOO_LARGE` above 10,000 entries.
 */
export function listFolder(call: FileCall, folder: Folder): Value {
  const names = folder.hidden ? [] : namesIn(call, folder);
  const entries = names.flatMap((name) => {
    const stats = folder.stat(name);
    // An entry may be gone between the listing and the look at it.
    return stats === null ? [] : [entry(name, stats)];
  });
  return Vec.of(entries);
}

function namesIn(call: FileCall, folder: Folder): string[] {
  const names: string[] = [];
  // Read one by one, so that a folder of a million entries costs no more than the cap.
  using entries = opendirSync(folder.path('.'));
  for (let next = entries.readSync(); next !== null; next = entries.readSync()) {
    if (names.push(next.name) > ENTRIES_MAX) {
      throw tooLarge(call, `The folder has more than ${ENTRIES_MAX} entries`, 'list a folder below it');
    }
  }
  return names.toSorted(compare);
}

function entry(name: string, stats: Stats): Value {
  return PMap.of([
    [NAME, name],
    [KIND, kindOf(stats)],
    [SIZE, stats.isFile() ? stats.size : 0],
  ]);
}

function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'dir';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

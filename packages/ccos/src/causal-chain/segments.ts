/** The files of a chain (L1): segments, numbered from 1 without gaps, and their lines. */
import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { isTempName } from '../foundation/atomic-file.ts';
import { errnoOf } from '../foundation/errors.ts';
import type { Files } from '../foundation/files.ts';

/** Bytes at which a segment is left (L8.8): 64 MiB. */
export const SEGMENT_BYTES_MAX = 64 * 1_024 * 1_024;
const READ_BYTES = 1_024 * 1_024;
const KNOWN = /^(?:head\.json|index|\d{6,}\.hashes|torn-[^/]+\.bin|.*\.corrupt-.*)$/;

/** The name of a segment: six digits or more (L1.1). */
export function segmentName(number: number): string {
  return `${String(number).padStart(6, '0')}.jsonl`;
}

/** A segment as it stood when the folder was looked at. */
export interface SegmentFile {
  readonly number: number;
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/** The segments in order up to the first gap, and the names of files that do not belong here (L1.1). An absent folder has none. */
export function listSegments(
  folder: string,
  files: Files,
): { readonly segments: SegmentFile[]; readonly foreign: string[] } {
  let names: string[];
  try {
    names = files.list(folder).toSorted();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { segments: [], foreign: [] };
    throw error;
  }
  const present = new Set(names);
  const segments: SegmentFile[] = [];
  for (let number = 1; present.has(segmentName(number)); number++) {
    const name = segmentName(number);
    const path = join(folder, name);
    const status = files.status(path);
    if (status?.kind !== 'file') break;
    segments.push({ number, name, path, size: status.size });
    present.delete(name);
  }
  return { segments, foreign: [...present].filter((name) => !KNOWN.test(name) && !isTempName(name)) };
}

/** A line of a segment. `text` is without the newline, and null when its bytes are not UTF-8. */
export interface Line {
  readonly text: string | null;
  readonly segment: string;
  readonly line: number;
  readonly offset: number;
  /** Bytes with the newline. */
  readonly bytes: number;
  /** False for bytes behind the last newline. */
  readonly complete: boolean;
}

/** Where to read in a segment: from a byte (the line number of that byte is given) up to a byte. */
export interface LineRange {
  readonly from?: number;
  readonly to: number;
  readonly firstLine?: number;
}

/** The lines of a segment, one at a time, a mebibyte at a time from the disk. Throws what the system says. */
export function* readLines(
  files: Files,
  segment: { readonly name: string; readonly path: string },
  range: LineRange,
): Generator<Line> {
  const fd = files.open(segment.path, 'read');
  try {
    yield* linesOf(files, fd, segment.name, range);
  } finally {
    files.close(fd);
  }
}

function* linesOf(files: Files, fd: number, segment: string, range: LineRange): Generator<Line> {
  let offset = range.from ?? 0;
  let line = range.firstLine ?? 1;
  let pending: Buffer = Buffer.alloc(0);
  const make = (bytes: Buffer, complete: boolean): Line => {
    const body = complete ? bytes.subarray(0, -1) : bytes;
    return { text: isUtf8(body) ? body.toString('utf8') : null, segment, line, offset, bytes: bytes.length, complete };
  };
  while (offset + pending.length < range.to) {
    const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, range.to - offset - pending.length));
    const count = files.read(fd, chunk, offset + pending.length);
    if (count === 0) break;
    const bytes = pending.length === 0 ? chunk.subarray(0, count) : Buffer.concat([pending, chunk.subarray(0, count)]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const whole = bytes.subarray(start, end + 1);
      yield make(whole, true);
      offset += whole.length;
      line++;
      start = end + 1;
    }
    pending = bytes.subarray(start);
  }
  if (pending.length > 0) yield make(pending, false);
}

/** Where a record stands. `bytes` are those of its line with the newline. */
export interface Place {
  readonly seq: number;
  readonly segment: number;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The lines at these places without their newlines; null where no whole line stands. A segment stays open while places are in it.
 * Throws what the system says.
 */
export function* readPlaces(folder: string, places: Iterable<Place>, files: Files): Generator<string | null> {
  let open: { readonly segment: number; readonly fd: number } | null = null;
  try {
    for (const { segment, offset, bytes } of places) {
      if (open !== null && open.segment !== segment) {
        files.close(open.fd);
        open = null;
      }
      open ??= { segment, fd: files.open(join(folder, segmentName(segment)), 'read') };
      yield lineAt(files, open.fd, offset, bytes);
    }
  } finally {
    if (open !== null) files.close(open.fd);
  }
}

function lineAt(files: Files, fd: number, offset: number, bytes: number): string | null {
  const line = Buffer.alloc(bytes);
  for (let filled = 0; filled < bytes;) {
    const count = files.read(fd, line.subarray(filled), offset + filled);
    if (count === 0) return null;
    filled += count;
  }
  const text = line.subarray(0, -1);
  return line.indexOf(10) === bytes - 1 && isUtf8(text) ? text.toString('utf8') : null;
}

import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { LineChannel } from '../microvm/line-channel.ts';
import { LineReader } from './line-reader.ts';

/** Bytes with lines in them, characters of several bytes, and what is no UTF-8; cut anywhere. */
const piece = fc.oneof(
  fc.constantFrom('\n', '\n\n', '{"v":1}\n', 'é€😀', '"'),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const cut = fc
  .tuple(
    fc.array(
      fc.oneof(
        piece.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
      ),
    ),
    fc.array(fc.nat({ max: 40 }), { maxLength: 8 }),
  )
  .map(([pieces, sizes]) => {
    const bytes = Buffer.concat(pieces);
    const chunks: Buffer[] = [];
    let at = 0;
    for (const size of [...sizes.filter((n) => n > 0), Infinity]) {
      if (at < bytes.length) chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    return { bytes, chunks };
  });

/** One line after the other, each decoded by itself. */
function slowly(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let from = 0, at = bytes.indexOf(10); at >= 0; from = at + 1, at = bytes.indexOf(10, from))
    lines.push(bytes.toString('utf8', from, at));
  return lines;
}

describe('M8.2 lines, however they are cut', () => {
  test('the guest reads them', () => {
    fc.assert(
      fc.property(cut, ({ bytes, chunks }) => {
        const lines: string[] = [];
        const reader = new LineReader((line) => lines.push(line));
        const used = Buffer.alloc(64 * 1024);
        for (const chunk of chunks) {
          chunk.copy(used);
          reader.take(used.subarray(0, chunk.length));
        }
        expect(lines).toEqual(slowly(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test('the host reads them', () => {
    fc.assert(
      fc.property(cut, ({ bytes, chunks }) => {
        const lines: string[] = [];
        const stream = new PassThrough();
        new LineChannel(stream).onLine((line) => lines.push(line));
        for (const chunk of chunks) stream.emit('data', chunk);
        expect(lines).toEqual(slowly(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});

import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { Json } from '@ccos/rtfs';
import { plainTextCodec } from './base64.ts';
import { BlobReader, BlobViolation, BlobWriter, type TextCodec } from './blobs.ts';
import { BLOB_DATA_MAX, INLINE_VALUE_MAX, type Frame } from './frames.ts';
import { nodeTextCodec } from './node-codec.ts';

type Blob = Frame<'blob'>;
const frame = (body: Omit<Blob, 'v' | 'id' | 't'>): Blob => ({ v: 1, id: 0, t: 'blob', ...body });

function across(
  value: Json,
  codecs: readonly [TextCodec, TextCodec] = [nodeTextCodec, nodeTextCodec],
): { value: Json; frames: number } {
  const reader = new BlobReader(codecs[1], 64 * 1024 * 1024);
  let frames = 0;
  const writer = new BlobWriter(codecs[0], (body) => {
    frames++;
    expect(body.data.length).toBeLessThanOrEqual(BLOB_DATA_MAX);
    reader.take(frame(body));
  });
  return { value: reader.in(writer.out(value)), frames };
}

describe('M8.2 long values travel as blobs', () => {
  test('at the limit inline, one byte more as a blob', () => {
    expect(across('x'.repeat(INLINE_VALUE_MAX - 2)).frames).toBe(0);
    expect(across('x'.repeat(INLINE_VALUE_MAX - 1)).frames).toBe(1);
    expect(across(['é'.repeat(INLINE_VALUE_MAX / 2)]).frames).toBe(1);
  });

  test('a short list of long strings is measured as it is written', () => {
    // Six bytes each as they are written, one as they are.
    const escaped = '\u0001'.repeat(INLINE_VALUE_MAX / 12);
    expect(across([escaped]).frames).toBe(0);
    expect(across([escaped, escaped]).frames).toBe(1);
    expect(across(['x'.repeat(INLINE_VALUE_MAX - 4)]).frames).toBe(0);
    expect(across(['x'.repeat(INLINE_VALUE_MAX - 3)]).frames).toBe(1);
    expect(across([1, ['x'.repeat(INLINE_VALUE_MAX)]]).frames).toBe(1);
  });

  test.each([
    ['node', nodeTextCodec, nodeTextCodec],
    ['plain', plainTextCodec, plainTextCodec],
    ['mixed', plainTextCodec, nodeTextCodec],
  ] as const)('arrives as it left (%s)', (_, out, into) => {
    const value = { text: 'aé€😀"\\\n'.repeat(60_000), list: [1, null, { $kw: 'k' }] };
    const { value: got, frames } = across(value, [out, into]);
    expect(got).toEqual(value);
    expect(frames).toBeGreaterThan(1);
  });

  test('the plain codec agrees with Node on every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(plainTextCodec.toBase64(text)).toBe(nodeTextCodec.toBase64(text));
        expect(plainTextCodec.fromBase64(nodeTextCodec.toBase64(text))).toBe(text);
      }),
    );
  });

  test.each<[string, readonly Omit<Blob, 'v' | 'id' | 't'>[]]>([
    [
      'blob frames out of order',
      [
        { blob: 0, seq: 0, last: false, data: 'MQ==' },
        { blob: 0, seq: 2, last: true, data: 'MQ==' },
      ],
    ],
    ['a blob that does not begin', [{ blob: 0, seq: 1, last: true, data: 'MQ==' }]],
    [
      'a blob that does not begin',
      [
        { blob: 0, seq: 0, last: true, data: 'MQ==' },
        { blob: 0, seq: 0, last: true, data: 'MQ==' },
      ],
    ],
    [
      'blobs over 8 bytes',
      [
        { blob: 0, seq: 0, last: false, data: 'MTIzNDU2' },
        { blob: 1, seq: 0, last: false, data: 'MTIzNDU2' },
      ],
    ],
    ['blob data over 393216 characters', [{ blob: 0, seq: 0, last: true, data: 'A'.repeat(BLOB_DATA_MAX + 4) }]],
  ])('%s', (reason, bodies) => {
    const reader = new BlobReader(nodeTextCodec, 8);
    expect(() => {
      for (const body of bodies) reader.take(frame(body));
    }).toThrow(new BlobViolation(reason));
  });

  test('a name without a blob, and a blob used twice', () => {
    const reader = new BlobReader(nodeTextCodec, 100);
    expect(() => reader.in({ $blob: 0 })).toThrow('a blob that was not sent');
    reader.take(frame({ blob: 0, seq: 0, last: true, data: 'MQ==' }));
    expect(reader.in({ $blob: 0 })).toBe(1);
    expect(() => reader.in({ $blob: 0 })).toThrow('a blob that was not sent');
    reader.take(frame({ blob: 1, seq: 0, last: true, data: 'eA==' }));
    expect(() => reader.in({ $blob: 1 })).toThrow('a blob that is not JSON');
  });
});

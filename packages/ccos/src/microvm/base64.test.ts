import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfBase64 } from './base64.ts';

test('M8.2 base64 gives the bytes that Node wrote, in any engine', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(bytesOfBase64(Buffer.from(bytes).toString('base64'))).toEqual(Uint8Array.from(bytes));
    }),
  );
});

test.each(['A', 'AA', 'AAA', '====', 'A===', 'AB==', 'AAB=', 'AA=A', 'AA_A', 'AAé=', ' AAA', 'AAAA\n'])(
  '%j is not what an encoder writes',
  (text) => {
    expect(bytesOfBase64(text)).toBeNull();
  },
);

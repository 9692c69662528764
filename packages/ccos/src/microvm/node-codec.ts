/** Node's `TextCodec`: native speed for the host and for guests that run on Node. */
import type { TextCodec } from './blobs.ts';

export const nodeTextCodec: TextCodec = {
  toBase64: (text) => Buffer.from(text, 'utf8').toString('base64'),
  fromBase64: (data) => Buffer.from(data, 'base64').toString('utf8'),
};

/** What a file call did, for the metadata of the run (M2.5). */
import { Keyword, PMap, type Value } from '@ccos/rtfs';
import type { FileOperation } from '../model/program.ts';
import { pathArgument } from '../security/path-argument.ts';

const CONTENT = Keyword.of('content');

/**
 * The operation behind a file call that succeeded, the path as the program wrote it; null for a call without a path.
 */
export function fileOperation(
  access: 'read' | 'write' | null,
  args: readonly Value[],
  result: Value,
): FileOperation | null {
  const path = pathArgument(args);
  if (access === null || typeof path !== 'string') return null;
  const [first, second] = args;
  const text = access === 'read' ? result : first instanceof PMap ? first.get(CONTENT) : second;
  return { path, operation: access, bytesProcessed: typeof text === 'string' ? Buffer.byteLength(text) : 0 };
}

/** The file calls of a run as the host saw them pass (M2.5): one for each call that succeeded, and nothing else. */
import { Keyword, PMap, type Value } from '@ccos/rtfs/values';
import type { GuestCall, GuestHost, GuestReply } from '../model/guest-host.ts';
import type { FileOperation } from '../model/program.ts';

const OPERATIONS: Readonly<Record<string, FileOperation['operation']>> = {
  'ccos.io.read-file': 'read',
  'ccos.io.write-file': 'write',
  'ccos.io.append-file': 'write',
  'ccos.io.file-exists': 'read',
  'ccos.io.list-dir': 'read',
};

/** The host that answers by then, with each file call that it answers noted in `operations`. */
export function observingFiles(host: () => GuestHost, operations: FileOperation[]): GuestHost {
  return {
    call: async (call, effects) => {
      const reply = await host().call(call, effects);
      const operation = operationOf(call, reply);
      if (operation !== null) operations.push(operation);
      return reply;
    },
    context: (path, key) => host().context(path, key),
    pause: (path, ms) => host().pause(path, ms),
    checkpoint: (path, label, context) => host().checkpoint(path, label, context),
    step: (step) => host().step(step),
  };
}

function operationOf({ capability, args }: GuestCall, reply: GuestReply): FileOperation | null {
  const operation = Object.hasOwn(OPERATIONS, capability) ? OPERATIONS[capability]! : null;
  if (operation === null || !('ok' in reply)) return null;
  const first = args[0];
  const path = first instanceof PMap ? first.get(Keyword.of('path')) : first;
  const written = first instanceof PMap ? first.get(Keyword.of('content')) : args[1];
  if (typeof path !== 'string') return null;
  return { path, operation, bytesProcessed: bytesOf(operation === 'write' ? written : reply.ok) };
}

function bytesOf(value: Value | undefined): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}

/** Opening the intents of the home that a command works on, and intents as lines for people. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { CODECS } from '../../archive/codecs.ts';
import { openFileArchive, readFileArchive } from '../../archive/file.ts';
import { openChain } from '../../causal-chain/chain.ts';
import { visibleOnOneLine } from '../../foundation/controls.ts';
import type { Logger } from '../../foundation/logger.ts';
import { openIntentReader, type IntentReader } from '../../intents/reader.ts';
import { openIntents, type IntentStorage } from '../../intents/storage.ts';
import type { StorableIntent } from '../../model/intent.ts';
import { homeOf } from '../home.ts';
import type { Invocation } from '../invocation.ts';

type Asked = Pick<Invocation, 'options' | 'output'>;

/** Opens for reading: no lock, nothing written. Throws `STATE_OPEN`, `CHAIN_BROKEN`, `CHAIN_KEY_MODE`, `IO`. */
export function readIntents({ options, output }: Asked): Promise<IntentReader> {
  const home = homeOf(options);
  return openIntentReader(home, readFileArchive(join(home, 'archive'), CODECS), { logger: loggerOf(output) });
}

/** Opens for changing, and closes whatever came of it. Throws what opening, the work and closing throw. */
export async function withIntents<T>(
  { options, output }: Asked,
  work: (intents: IntentStorage) => Promise<T>,
): Promise<T> {
  const home = homeOf(options);
  const chain = await openChain(home);
  try {
    const archive = await openFileArchive(join(home, 'archive'), CODECS, { lockFolder: home });
    try {
      const intents = await openIntents(home, { chain, archive }, { logger: loggerOf(output), principal: principal() });
      const result = await work(intents);
      await intents.close();
      return result;
    } finally {
      await archive.close();
    }
  } finally {
    await chain.close();
  }
}

function loggerOf(output: Invocation['output']): Logger {
  return { debug: () => {}, info: () => {}, warn: (code, message) => output.warning(code, message) };
}

/** Who is recorded: the user of the process, where the system knows a name. */
function principal(): string {
  try {
    const { username } = userInfo();
    return /^[^\s:]\S*$/.test(username) ? `user:${username}` : 'user:local';
  } catch {
    // A user without an entry in the system's list is nobody by name.
    return 'user:local';
  }
}

/** `intent-…  Active     Back up the data`. */
export function intentLine({ intent_id: id, status, goal }: StorableIntent): string {
  return `${id}  ${status.padEnd('Suspended'.length)}  ${visibleOnOneLine(goal)}`;
}

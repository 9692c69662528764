/** Homes with intents, and the one way to open them. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODECS, type StoredEntity } from '../../src/archive/codecs.ts';
import { openFileArchive, type FileArchive } from '../../src/archive/file.ts';
import { openChain, type Chain } from '../../src/causal-chain/chain.ts';
import type { Clock } from '../../src/foundation/clock.ts';
import type { Files } from '../../src/foundation/files.ts';
import type { Logger } from '../../src/foundation/logger.ts';
import { openIntents, type IntentStorage } from '../../src/intents/storage.ts';

/** A folder for homes, removed by `remove`. */
export function scratchHomes(): { next(): string; remove(): void } {
  const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-intents-'));
  let homes = 0;
  return {
    next: () => join(scratch, String(homes++), '.ccos'),
    remove: () => fs.rmSync(scratch, { recursive: true }),
  };
}

export interface OpenHome {
  readonly home: string;
  readonly chain: Chain;
  readonly archive: FileArchive<StoredEntity>;
  readonly intents: IntentStorage;
  close(): Promise<void>;
}

/** Opens chain, archive and intents of a home. */
export async function openHome(
  home: string,
  options: { readonly clock?: Clock; readonly files?: Files; readonly logger?: Logger } = {},
): Promise<OpenHome> {
  const chain = await openChain(home, options);
  const archive = await openFileArchive(join(home, 'archive'), CODECS, { ...options, lockFolder: home });
  const intents = await openIntents(home, { chain, archive }, options);
  return {
    home,
    chain,
    archive,
    intents,
    close: async () => {
      await intents.close();
      await archive.close();
      await chain.close();
    },
  };
}

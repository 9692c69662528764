/** `ccos archive put`, `get`, `list` (A12): the store by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectInfo } from '../archive/archive.ts';
import { artifactBytes, artifactEntity, type Artifact } from '../archive/artifact.ts';
import { CODECS, type StoredEntity } from '../archive/codecs.ts';
import { openArchiveReader, openFileArchive, type ArchiveReader, type FileArchive } from '../archive/file.ts';
import type { Parsed } from '../foundation/canonical-json.ts';
import { CcosError } from '../foundation/errors.ts';
import { nearestName } from '../foundation/nearest.ts';
import { openStateFolder } from '../foundation/state-folder.ts';
import { visibleOnOneLine } from '../foundation/controls.ts';
import { homeOf } from './home.ts';
import type { Run } from './invocation.ts';
import type { Output } from './output.ts';
import { readBytes } from './plan-options.ts';
import { readStdin } from './stdin.ts';
import type { Options } from './table.ts';

/** The archive of the state folder, to write to. Throws `STATE_OPEN`, `ARCHIVE_OPEN`. */
export async function openArchive(options: Options, output: Output): Promise<FileArchive<StoredEntity>> {
  const home = await openStateFolder(homeOf(options), 'write');
  const warn = (code: string, message: string, fields?: { readonly keptAs?: unknown }): void =>
    output.warning(code, typeof fields?.keptAs === 'string' ? `${message}; kept as ${fields.keptAs}` : message);
  const logger = { debug: () => {}, info: () => {}, warn };
  return openFileArchive(join(home, 'archive'), CODECS, { lockFolder: home, logger });
}

/** The same to read from: nothing is made or written. */
export async function readArchive(options: Options): Promise<ArchiveReader<StoredEntity>> {
  const home = await openStateFolder(homeOf(options), 'read');
  return openArchiveReader(join(home, 'archive'), CODECS, { lockFolder: home });
}

/** Stores a file and prints the hash. Throws `USAGE` for a file that is not what `--type` says, and what the archive throws. */
export const put: Run = async ({ operands, options, output }) => {
  const [file = ''] = operands;
  const bytes = readBytes(() => (file === '-' ? readStdin() : readFileSync(file)), file, 'the file');
  const entity = entityOf(file, bytes, options);
  const archive = await openArchive(options, output);
  const hash = await archive.store(entity);
  await archive.close();
  if (output.json) output.document({ hash, type: entity.entityType() });
  else output.line(hash);
  return 0;
};

function entityOf(file: string, bytes: Uint8Array, { raw, type = raw ? 'artifact' : 'value' }: Options): StoredEntity {
  if (raw && type !== 'artifact')
    throw new CcosError('USAGE', `Cannot put ${file} as a ${type} with --raw`, {
      hint: 'bytes as they are make an artifact: leave --type out',
    });
  if (raw) return artifactEntity(bytes);
  const codec = CODECS.find((one) => one.type === type);
  if (codec === undefined) {
    const types = CODECS.map((one) => one.type);
    const near = nearestName(type, types);
    throw new CcosError('USAGE', `Cannot put ${file} as a ${JSON.stringify(type)}`, {
      hint: `--type takes one of ${types.join(', ')}${near === null ? '' : `; did you mean ${near}?`}`,
    });
  }
  try {
    return codec.decode(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Parsed);
  } catch (cause) {
    throw new CcosError('USAGE', `Cannot put ${file} as a ${type}: ${visibleOnOneLine((cause as Error).message)}`, {
      cause,
      hint: 'a JSON file, or any file with --raw',
    });
  }
}

/** Prints a body, verified: JSON, and the bytes of an artifact; with `--raw` the object as it is stored. Throws `ARCHIVE_MISSING`. */
export const get: Run = async ({ operands, options, output }) => {
  const [hash = ''] = operands;
  const { type, body, bytes } = await (await readArchive(options)).requireObject(hash, 'the command line');
  if (output.json) output.document({ hash, type, body });
  else if (options.raw) output.text(bytes);
  else if (type === 'artifact') output.text(artifactBytes(body as unknown as Artifact));
  else output.document(body);
  return 0;
};

/** Prints what is there, a line an object; one that does not verify has no type. */
export const list: Run = async ({ options, output }) => {
  const archive = await readArchive(options);
  const found: ObjectInfo[] = [];
  for await (const info of archive.list(options.type === undefined ? {} : { type: options.type })) {
    if (output.closed) break;
    if (output.json) found.push(info);
    else output.line(listLine(info));
  }
  if (output.json) output.document(found);
  return 0;
};

function listLine({ hash, type, sizeBytes, storedAt }: ObjectInfo): string {
  const time = new Date(storedAt).toISOString().replace('T', ' ').replace('Z', '');
  return `${hash}  ${(type ?? 'corrupt').padEnd(12)}  ${String(sizeBytes).padStart(9)}  ${time}`;
}

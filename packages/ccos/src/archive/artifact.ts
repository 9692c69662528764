/** Artifacts: bytes as they are, code or an image for example, archived like everything else. */
import type { Parsed } from '../foundation/canonical-json.ts';
import { CcosError } from '../foundation/errors.ts';
import type { Codec } from './archive.ts';
import { Entity } from './entity.ts';

/** The body of an artifact: its bytes in base64. */
export interface Artifact {
  readonly base64: string;
}
export type ArtifactEntity = Entity<Artifact, 'artifact'>;

/** Bytes as an entity. */
export const artifactEntity = (bytes: Uint8Array): ArtifactEntity =>
  new Entity('artifact', { base64: Buffer.from(bytes).toString('base64') });

/** The bytes of an artifact. */
export const artifactBytes = ({ base64 }: Artifact): Buffer => Buffer.from(base64, 'base64');

export const artifactCodec: Codec<ArtifactEntity> = {
  type: 'artifact',
  decode: (body) => new Entity('artifact', decoded(body)),
};

/** Throws `ARCHIVE_TYPE` for what is not exactly the base64 of some bytes. */
function decoded(body: Parsed): Artifact {
  const { base64, ...rest } = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  if (
    typeof base64 === 'string' &&
    Object.keys(rest).length === 0 &&
    artifactBytes({ base64 }).toString('base64') === base64
  )
    return { base64 };
  throw new CcosError('ARCHIVE_TYPE', 'Cannot read an artifact: its body is not {"base64": …}', {
    details: { expected: 'artifact', found: typeof body, pointer: '/body/base64' },
    hint: 'ccos archive put FILE --raw makes an artifact of a file',
  });
}

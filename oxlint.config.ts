/**
 * The linter's rules. The first of them is the architecture: a room imports only from rooms above it in `ROOMS`, the order of
 * ARCHITECTURE.md.
 */
import { defineConfig } from 'oxlint';

/** The rooms of each package, top to bottom. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  rtfs: ['values', 'reader', 'types', 'format', 'syntax', 'compile', 'stdlib', 'machine'],
  ccos: [
    'foundation',
    'model',
    'archive',
    'causal-chain',
    'security',
    'config',
    'intents',
    'microvm',
    'guest',
    'capabilities',
    'host',
    'governance',
    'orchestrator',
    'observability',
    'runtime',
    'server',
    'cli',
  ],
};

/** The guest sees of the rooms above it the words and the protocol, nothing of the host's authority or record. */
const KEPT_FROM_GUEST = ['archive', 'causal-chain', 'security', 'config', 'intents'];

/** Files are written durably by one function (foundation) and below grants by one walk (guest); nobody else writes. */
const WRITERS = ['foundation', 'guest'];
const WRITING = ['writeFile', 'writeFileSync', 'appendFile', 'appendFileSync', 'createWriteStream'];
const TESTS = ['**/*.test.ts', 'packages/*/test/**', 'scripts/**', 'bench/**'];

interface Restriction {
  readonly regex: string;
  readonly message: string;
}

/** `machine/types.ts` is the language's contract, types alone: every room of it may speak its words. */
const from = (rooms: readonly string[], message: string): Restriction => ({
  regex: `^(\\.\\./)+(${rooms.join('|')})/(?!types\\.ts$)`,
  message,
});

function restrictions(pkg: string, room: string): object {
  const rooms = ROOMS[pkg] ?? [];
  const below = rooms.slice(rooms.indexOf(room) + 1);
  const patterns: Restriction[] = [
    ...(below.length === 0 ? [] : [from(below, `${room} stands above these rooms and imports nothing of them`)]),
    ...(room === 'guest' ? [from(KEPT_FROM_GUEST, 'the guest imports rtfs and the channel protocol only')] : []),
    ...(pkg === 'rtfs' ? [{ regex: '^node:', message: 'the language runs in every engine: no Node built-in' }] : []),
    ...(pkg === 'rtfs'
      ? []
      : [
          {
            regex: '^@ccos/rtfs/(?!(internal|values)$)',
            message: 'import @ccos/rtfs, @ccos/rtfs/values or @ccos/rtfs/internal',
          },
        ]),
  ];
  const message = 'write through foundation/atomic-file.ts';
  const paths = WRITERS.includes(room)
    ? []
    : ['node:fs', 'node:fs/promises'].map((name) => ({ name, importNames: WRITING, message }));
  return { 'no-restricted-imports': ['error', { patterns, paths }] };
}

const roomRules = Object.entries(ROOMS).flatMap(([pkg, rooms]) =>
  rooms.map((room) => ({
    files: [`packages/${pkg}/src/${room}/**/*.ts`],
    excludeFiles: ['**/*.test.ts'],
    rules: restrictions(pkg, room),
  })),
);

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc'],
  categories: { correctness: 'error' },
  ignorePatterns: ['**/dist/**', '**/bundle/**', 'node_modules/**'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    // Code points are what the language counts (R2.2), so spreading a string is meant.
    'typescript/no-misused-spread': 'off',
    // Details of errors are plain data, and control characters are what readers and escapers look for.
    'typescript/no-base-to-string': 'off',
    'no-control-regex': 'off',
    // A conditional's branches are called `then` and `else`; methods of frozen tables are passed by name.
    'unicorn/no-thenable': 'off',
    'typescript/unbound-method': 'off',
    'typescript/no-this-alias': 'off',
    'no-console': 'error',
    'no-eval': 'error',
    eqeqeq: 'error',
    'max-lines': ['warn', { max: 520, skipBlankLines: true }],
    // An engine that compiles plans makes functions from text on purpose, in one place of compile/.
    'no-new-func': 'off',
  },
  overrides: [
    ...roomRules,
    // The kernel's cgroup files are switches, not state: nothing of them has to survive.
    { files: ['packages/ccos/src/microvm/providers/process/cgroups.ts'], rules: { 'no-restricted-imports': 'off' } },
    { files: TESTS, rules: { 'max-lines': 'off' } },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});

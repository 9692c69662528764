/** Remedies (S14.10): the exact option and value that would have allowed a call, ready to paste into a shell. */
import type { OptionHint } from './decision.ts';
import type { EffectClass } from './effects.ts';
import { pathArgument } from './path-argument.ts';
import { folderAsWritten } from './paths.ts';
import type { PolicyRequest } from './request.ts';
import type { RuntimeContext } from './runtime-context.ts';

/** What stands in a call's way. */
export type Obstacle =
  | { readonly kind: 'id' | 'level' | 'path' }
  | { readonly kind: 'deny'; readonly pattern: string }
  | { readonly kind: 'effect'; readonly effect: EffectClass }
  | { readonly kind: 'none'; readonly why: string };

/** A remedy as text and as the options in it; no options where none can help, and the text says so. */
export interface Remedy {
  readonly hint: string;
  readonly options: readonly OptionHint[];
}

/** The remedy for one refusal. Options that only help together stand in one hint. */
export function remedyFor(context: RuntimeContext, request: PolicyRequest, obstacle: Obstacle): Remedy {
  switch (obstacle.kind) {
    case 'none':
      return { hint: `no option allows it: ${obstacle.why}`, options: [] };
    case 'deny':
      return {
        hint: `no option allows it beside --deny ${quoteForShell(obstacle.pattern)}: leave that out`,
        options: [],
      };
    case 'effect':
      return { hint: `no option allows it: the context refuses the effect :${obstacle.effect}`, options: [] };
    default:
      return grantRemedy(context, request, obstacle.kind === 'level');
  }
}

function grantRemedy(context: RuntimeContext, request: PolicyRequest, pure: boolean): Remedy {
  const grant = grantOption(request);
  if (grant === null) {
    const option = request.access === 'write' ? '--write FOLDER' : '--read PATH';
    return { hint: `${option}, with the path that the plan computes`, options: [] };
  }
  const options: OptionHint[] = [];
  if (pure) options.push({ option: '--level', value: 'controlled' });
  // A grant brings the built-in capabilities that use it along (S14.9); any other id has to be named.
  const brought = grant.option !== '--allow' && request.id.startsWith('ccos.');
  if (!brought && context.allowPattern(request.id) === null) options.push({ option: '--allow', value: request.id });
  if (grant.option !== '--allow') options.push(grant);
  return { hint: renderOptions(options), options };
}

/** The grant that a request asks for; null when its path is not known. */
function grantOption(request: PolicyRequest): OptionHint | null {
  if (request.access !== null) {
    const path = pathArgument(request.args);
    if (path === undefined) return null;
    if (path !== null) {
      const value = request.access === 'read' ? path : folderAsWritten(path);
      // A value that begins with a hyphen would read as an option.
      return { option: `--${request.access}`, value: value.startsWith('-') ? `./${value}` : value };
    }
  }
  const name = request.args[0];
  if (request.id === 'ccos.system.get-env' && typeof name === 'string') return { option: '--env', value: name };
  return { option: '--allow', value: request.id };
}

/** Options as one line for a shell, each once, in the order first seen: `--read a.csv --write out`. */
export function renderOptions(options: readonly OptionHint[]): string {
  return [...new Set(options.map(({ option, value }) => `${option} ${quoteForShell(value)}`))].join(' ');
}

/** A word for a POSIX shell: as it is where that is safe, else in single quotes. */
export function quoteForShell(word: string): string {
  return /^[A-Za-z0-9_./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The user's cache folder: what can be made anew at any time and is no state (§6 of the architecture). */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$XDG_CACHE_HOME/ccos`, or `~/.cache/ccos`. Absolute; it need not exist. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ccos');
}

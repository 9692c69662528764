/** The SQLite that durable appends are compared with. It lives in `bench/package.json`. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installPeers } from './install.ts';

/** As much of it as is used. */
export interface Sqlite {
  pragma(text: string): unknown;
  exec(sql: string): unknown;
  prepare(sql: string): { run(...values: readonly unknown[]): unknown };
  close(): void;
}

const NAME = 'better-sqlite3';
const require = createRequire(join(import.meta.dirname, 'package.json'));

/** A database in a new file, of the package that is installed when it is missing; or why it cannot be had. */
export function openSqlite(path: string): Sqlite | string {
  try {
    return opened(path);
  } catch {
    const problem = installPeers();
    return problem ?? opened(path);
  }
}

function opened(path: string): Sqlite {
  const Database = require(NAME) as new (path: string) => Sqlite;
  return new Database(path);
}

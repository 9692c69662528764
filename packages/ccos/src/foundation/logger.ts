/** The one logger: an interface that the edge of the program implements; no library prints. */

/** Plain data that goes with a message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Messages by weight. `code` is one of E8's warnings or an error's code. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(code: string, message: string, fields?: LogFields): void;
}

/** Says nothing: what a library uses when its caller gave no logger. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {} };

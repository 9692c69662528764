/** What the package `ccos` needs beside the public entry; no promise to anyone else. */
export { canonical } from './values/codec.ts';
export { typeName } from './values/kind-name.ts';
export { DEFAULT_LIMITS, LIMITS, resolveLimits } from './machine/limits.ts';
export { parseJson, serializeJson } from './values/json-text.ts';
export { isName, isSymbolName } from './values/names.ts';
export { printForPeople, printShort } from './values/print.ts';

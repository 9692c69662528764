/** The version that `ccos --version` prints; a test holds it to the package's own. */
export const VERSION = '0.1.0';

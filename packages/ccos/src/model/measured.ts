/** Unmeasured is a type (§8.11 of the architecture): a limit cannot be reported as a usage. */

/** A figure that was measured, or the reason why it was not. */
export type Measured<T> = { readonly value: T } | { readonly reason: string };

/** Splits measured figures into M2.4's shape: the figure or null, and the reasons of the nulls. */
export function splitMeasured<K extends string>(
  figures: Readonly<Record<K, Measured<unknown>>>,
): {
  readonly values: Record<K, unknown>;
  readonly unmeasured: Partial<Record<K, string>>;
} {
  const values = {} as Record<K, unknown>;
  const unmeasured: Partial<Record<K, string>> = {};
  for (const name of Object.keys(figures) as K[]) {
    const figure = figures[name];
    if ('value' in figure) values[name] = figure.value;
    else {
      values[name] = null;
      unmeasured[name] = figure.reason;
    }
  }
  return { values, unmeasured };
}

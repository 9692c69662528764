/**
 * How figures are taken: a subject and its reference in turn, in one run, so that a busy machine slows both; the median of each and
 * their ratio. Absolute times are told, ratios are judged.
 */
import { cpus, release, totalmem } from 'node:os';

/**
 * One row: the subject may take at most `bound` times what the reference takes, where that is judged and not only told. Each runs
 * once a sample and returns milliseconds.
 */
export interface Row {
  readonly name: string;
  readonly reference: string;
  readonly bound: number | null;
  readonly samples: number;
  /** Runs of each that go before the samples and count for nothing; 1 if not given. */
  readonly warmUp?: number;
  subject(): Promise<number>;
  baseline(): Promise<number>;
  /** What else the samples found, told behind the row and not judged. */
  note?(): string;
}

/** What a row came to, in milliseconds. */
export interface Figure {
  readonly subjectMs: Quantiles;
  readonly baselineMs: Quantiles;
  readonly ratio: number;
  readonly held: boolean;
}
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
}

/** Takes one row's samples, after its warm-up. */
export async function measure(row: Row): Promise<Figure> {
  const subject: number[] = [],
    baseline: number[] = [];
  for (let run = 0; run < (row.warmUp ?? 1); run++) {
    await row.baseline();
    await row.subject();
  }
  for (let sample = 0; sample < row.samples; sample++) {
    baseline.push(await row.baseline());
    subject.push(await row.subject());
  }
  const subjectMs = quantiles(subject),
    baselineMs = quantiles(baseline);
  const ratio = subjectMs.p50 / baselineMs.p50;
  return { subjectMs, baselineMs, ratio, held: row.bound === null || ratio <= row.bound };
}

/** The median and the 95th percentile of at least one sample. */
export function quantiles(samples: readonly number[]): Quantiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

/** The line of a row. */
export function report(row: Row, { subjectMs, baselineMs, ratio, held }: Figure): string {
  const ms = ({ p50, p95 }: Quantiles): string => `${p50.toPrecision(3)} ms (p95 ${p95.toPrecision(3)})`;
  return (
    `${row.bound === null ? 'note  ' : held ? 'ok    ' : 'MISSED'} ${row.name}: ${ms(subjectMs)}; ` +
    `${row.reference}: ${ms(baselineMs)}; ` +
    `ratio ${ratio.toFixed(2)}${row.bound === null ? '' : `, at most ${row.bound}`}; ${row.samples} samples` +
    (row.note === undefined ? '' : `\n       ${row.note()}`)
  );
}

/** Where the figures were taken. */
export function machine(): string {
  const [cpu] = cpus();
  return (
    `${cpu?.model ?? 'unknown processor'} x ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
    `Linux ${release()}, Node ${process.version}`.replace(
      'Linux',
      process.platform === 'linux' ? 'Linux' : process.platform,
    )
  );
}

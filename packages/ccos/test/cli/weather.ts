/**
 * The weather report computed a second time, in another language and another way: one pass over lines of text into
 * fixed-point accumulators, a running sum for the weeks. It shares no code with the plan and none with the library that
 * the plan uses.
 */

/** Hundredths of a unit: the file has tenths, and a mean is rounded from here. */
type Hundredths = bigint;

interface Tally {
  days: bigint;
  high: Hundredths;
  low: Hundredths;
  rain: Hundredths;
}
interface Extreme {
  date: string;
  size: Hundredths;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

function hundredths(decimal: string): Hundredths {
  const [, sign, whole, fraction] = /^(-?)(\d+)\.(\d)$/.exec(decimal) ?? [];
  if (whole === undefined || fraction === undefined) throw new Error(`not a decimal: ${decimal}`);
  const size = BigInt(whole) * 100n + BigInt(fraction) * 10n;
  return sign === '-' ? -size : size;
}

/** `numerator / (denominator · 100)` with one decimal, halves away from zero. */
function oneDecimal(numerator: Hundredths, denominator = 1n): string {
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  const unit = denominator * 10n;
  const tenths = (2n * size + unit) / (2n * unit);
  return `${negative ? '-' : ''}${tenths / 10n}.${tenths % 10n}`;
}

function tallyLine(name: string, tally: Tally | undefined): string {
  if (tally === undefined) throw new Error(`no days in ${name}`);
  const figures = [oneDecimal(tally.high, tally.days), oneDecimal(tally.low, tally.days), oneDecimal(tally.rain)];
  return `| ${name} | ${figures.join(' | ')} |\n`;
}

function tableHead(title: string): string {
  return `| ${title} | Mean high (°C) | Mean low (°C) | Rain (mm) |\n|---|---:|---:|---:|\n`;
}

/** What the pass over the file collects. */
class Figures {
  readonly months = new Map<string, Tally>();
  readonly years = new Map<string, Tally>();
  readonly dates: string[] = [];
  readonly rain: Hundredths[] = [];
  warmest: Extreme | null = null;
  coldest: Extreme | null = null;
  wettest: Extreme | null = null;
  windiest: Extreme | null = null;

  add(date: string, [rain = 0n, high = 0n, low = 0n, wind = 0n]: readonly Hundredths[]): void {
    for (const [tallies, key] of [
      [this.months, date.slice(5, 7)],
      [this.years, date.slice(0, 4)],
    ] as const) {
      const tally = tallies.get(key) ?? { days: 0n, high: 0n, low: 0n, rain: 0n };
      tallies.set(key, {
        days: tally.days + 1n,
        high: tally.high + high,
        low: tally.low + low,
        rain: tally.rain + rain,
      });
    }
    if (this.warmest === null || high > this.warmest.size) this.warmest = { date, size: high };
    if (this.coldest === null || low < this.coldest.size) this.coldest = { date, size: low };
    if (this.wettest === null || rain > this.wettest.size) this.wettest = { date, size: rain };
    if (this.windiest === null || wind > this.windiest.size) this.windiest = { date, size: wind };
    this.dates.push(date);
    this.rain.push(rain);
  }

  /** The first of the weeks with most rain, by a sum that moves on a day at a time. */
  rainiestWeek(): { from: string; to: string; rain: Hundredths } {
    let sum = this.rain.slice(0, 7).reduce((a, b) => a + b, 0n);
    let best = { at: 0, rain: sum };
    for (let at = 1; at + 7 <= this.rain.length; at++) {
      sum += (this.rain[at + 6] ?? 0n) - (this.rain[at - 1] ?? 0n);
      if (sum > best.rain) best = { at, rain: sum };
    }
    return { from: this.dates[best.at] ?? '', to: this.dates[best.at + 6] ?? '', rain: best.rain };
  }
}

/** Reads the file, which has neither quotes nor gaps; a gap would make "consecutive" wrong, and so is refused. */
function figuresOf(csv: string): Figures {
  const [head, ...lines] = csv.trimEnd().split('\n');
  if (head !== 'date,precipitation,temp_max,temp_min,wind,weather') throw new Error(`unexpected columns: ${head}`);
  const figures = new Figures();
  let previous: number | null = null;
  for (const line of lines) {
    const [date = '', ...cells] = line.split(',');
    const day = Date.parse(`${date}T00:00:00Z`) / 86_400_000;
    if (previous !== null && day !== previous + 1) throw new Error(`a gap before ${date}`);
    previous = day;
    figures.add(date, cells.slice(0, 4).map(hundredths));
  }
  return figures;
}

function extremeLine(name: string, extreme: Extreme | null, before: string, after: string): string {
  if (extreme === null) throw new Error('no days');
  return `- ${name} day: ${extreme.date}, ${before}${oneDecimal(extreme.size)}${after}\n`;
}

/** The text that the plan must write to `out/report.md` for the text of `seattle-weather.csv`. */
export function expectedReport(csv: string): string {
  const figures = figuresOf(csv);
  const { dates } = figures;
  const week = figures.rainiestWeek();
  let report = `# Weather in Seattle, ${dates.at(0)} to ${dates.at(-1)}\n\n${dates.length} days.\n\n`;
  report += `## Months, over all years\n\n${tableHead('Month')}`;
  MONTHS.forEach((name, i) => {
    report += tallyLine(name, figures.months.get(String(i + 1).padStart(2, '0')));
  });
  report += `\n## Years\n\n${tableHead('Year')}`;
  for (const [year, tally] of figures.years) report += tallyLine(year, tally);
  report += '\n## Extremes\n\n';
  report += extremeLine('Warmest', figures.warmest, '', ' °C') + extremeLine('Coldest', figures.coldest, '', ' °C');
  report += extremeLine('Wettest', figures.wettest, '', ' mm') + extremeLine('Windiest', figures.windiest, 'wind ', '');
  return `${report}- Rainiest 7 days: ${week.from} to ${week.to}, ${oneDecimal(week.rain)} mm\n`;
}

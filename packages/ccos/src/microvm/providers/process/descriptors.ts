/** The child's descriptors (M9.4, M20.3): nothing that CCOS itself inherited reaches a guest. */
import { readdirSync, readFileSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

/** Numbers above `from` of this process that a child would inherit. */
export function inheritableDescriptors(from: number): readonly number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd > from && inherits(fd))
    .sort((a, b) => a - b);
}

function inherits(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    // A descriptor that cannot be looked at counts as inherited.
    return flags === undefined || (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // Closed meanwhile: the descriptor of the listing itself.
  }
}

/**
 * The stdio list of a launch: 0 null, 1 and 2 pipes, 3 the channel, 8 the status pipe, 9 the filter, and an open `/dev/null` at each
 * number that the child would inherit (`ignore` leaves those open). `null` stands for `ignore`.
 */
export function stdioList(
  filter: number,
  devNull: number,
  inherited: readonly number[],
): ('ignore' | 'pipe' | number)[] {
  const list: ('ignore' | 'pipe' | number)[] = [
    devNull,
    'pipe',
    'pipe',
    'pipe',
    devNull,
    devNull,
    devNull,
    devNull,
    'pipe',
    filter,
  ];
  for (let fd = list.length; fd <= (inherited.at(-1) ?? 0); fd++)
    list.push(inherited.includes(fd) ? devNull : 'ignore');
  return list;
}

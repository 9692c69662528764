/**
 * The seccomp filter of M9.5 as a classic BPF program, generated for x86-64 and arm64. It is one of several walls: what a guest
 * may not even ask the kernel for. Everything that is not named is allowed.
 */

/** Architectures for which a filter exists, by Node's name. */
export type FilterArch = 'x64' | 'arm64';

/** System calls that answer EPERM: [x86-64, arm64]; null where the architecture has none of that name. */
const REFUSED: Readonly<Record<string, readonly [number, number | null]>> = {
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  mount: [165, 40],
  umount2: [166, 39],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  open_tree: [428, 428],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  pivot_root: [155, 41],
  chroot: [161, 51],
  unshare: [272, 97],
  setns: [308, 268],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  acct: [163, 89],
  quotactl: [179, 60],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  iopl: [172, null],
  ioperm: [173, null],
  vhangup: [153, 58],
  memfd_secret: [447, 447],
  vmsplice: [278, 75],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  mbind: [237, 235],
  set_mempolicy: [238, 237],
  sethostname: [170, 161],
  setdomainname: [171, 162],
};

interface Numbers {
  readonly audit: number;
  readonly clone: number;
  readonly clone3: number;
  readonly socket: number;
  readonly ioctl: number;
  readonly column: 0 | 1;
}
const ARCHES: Readonly<Record<FilterArch, Numbers>> = {
  x64: { audit: 0xc000_003e, clone: 56, clone3: 435, socket: 41, ioctl: 16, column: 0 },
  arm64: { audit: 0xc000_00b7, clone: 220, clone3: 435, socket: 198, ioctl: 29, column: 1 },
};

// Offsets in `struct seccomp_data`; arguments are 64 bits, the low half first on both architectures.
const NUMBER = 0,
  ARCH = 4,
  ARGUMENT = [16, 24] as const;
const LOAD = 0x20,
  EQUAL = 0x15,
  AT_LEAST = 0x35,
  ANY_BIT = 0x45,
  RETURN = 0x06;
const ALLOW = 0x7fff_0000,
  KILL_PROCESS = 0x8000_0000,
  ERRNO = 0x0005_0000,
  EPERM = 1,
  ENOSYS = 38;
/** Numbers from here belong to the x32 ABI, which shares the architecture's audit value. */
const X32 = 0x4000_0000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NEW = 0x7e02_0000;
const SOCKET_FAMILIES = [1, 2, 10];
const TIOCSTI = 0x5412,
  TIOCLINUX = 0x541c;

/** The program as the bytes that bubblewrap reads (`struct sock_filter[]`). */
export function seccompFilter(arch: FilterArch): Buffer {
  const { audit, clone, clone3, socket, ioctl, column } = ARCHES[arch];
  const program: Buffer[] = [];
  const emit = (code: number, yes: number, no: number, value: number): void => {
    program.push(instruction(code, yes, no, value));
  };
  /** Runs `body` only for one system call; `body` must end the filter or reload the number. */
  const only = (number: number, body: readonly (readonly [number, number, number, number])[]): void => {
    emit(EQUAL, 0, body.length, number);
    for (const [code, yes, no, value] of body) emit(code, yes, no, value);
  };
  const answer = (value: number): readonly [number, number, number, number] => [RETURN, 0, 0, value];
  const refuse = answer(ERRNO | EPERM);

  emit(LOAD, 0, 0, ARCH);
  emit(EQUAL, 1, 0, audit);
  emit(...answer(KILL_PROCESS));
  emit(LOAD, 0, 0, NUMBER);
  if (arch === 'x64') {
    emit(AT_LEAST, 0, 1, X32);
    emit(...answer(KILL_PROCESS));
  }
  // The flags of clone3 lie in memory, where a filter cannot look: the C library then uses clone.
  only(clone3, [answer(ERRNO | ENOSYS)]);
  only(clone, [[LOAD, 0, 0, ARGUMENT[0]], [ANY_BIT, 0, 1, CLONE_NEW], refuse, answer(ALLOW)]);
  only(socket, [
    [LOAD, 0, 0, ARGUMENT[0]],
    ...SOCKET_FAMILIES.map((family, i) => [EQUAL, SOCKET_FAMILIES.length - i, 0, family] as const),
    refuse,
    answer(ALLOW),
  ]);
  only(ioctl, [[LOAD, 0, 0, ARGUMENT[1]], [EQUAL, 1, 0, TIOCSTI], [EQUAL, 0, 1, TIOCLINUX], refuse, answer(ALLOW)]);
  for (const numbers of Object.values(REFUSED)) {
    const number = numbers[column];
    if (number !== null) only(number, [refuse]);
  }
  emit(...answer(ALLOW));
  return Buffer.concat(program);
}

function instruction(code: number, yes: number, no: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(yes, 2);
  bytes.writeUInt8(no, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}

/** The names that the filter refuses with EPERM, for tests and documentation. */
export const REFUSED_CALLS: Readonly<Record<string, readonly [number, number | null]>> = REFUSED;

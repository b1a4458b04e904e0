import type { Explanation } from '../errors/explanation.ts';

/** Node's error of a system call that failed: https://nodejs.org/api/errors.html#class-systemerror */
interface SystemError {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
  readonly hostname?: string;
  /** The setting of the port, where it is not the API's. */
  readonly setting?: string;
}

type Explains<A extends unknown[]> = Readonly<Record<string, (...about: A) => Explanation>>;

/** Why nothing listens at an address, by the code of `listen`. */
const listening: Explains<[at: string, port: number | undefined, setting: string]> = {
  EADDRINUSE: (_at, port, setting) => ({
    cause: `Port ${port} is taken by another program.`,
    remedy: `Set ${setting} to another one, or end that program.`,
  }),
  EADDRNOTAVAIL: (at) => ({
    cause: `${at} is no address of this machine, so nothing can listen there.`,
    remedy: 'Set HOST to one that `ip address` shows, to 127.0.0.1, or to 0.0.0.0 for all.',
  }),
  EACCES: (at, _port, setting) => ({
    cause: `This account may not listen on ${at}: ports below 1024 are the administrator's.`,
    remedy: `Set ${setting} to a higher one.`,
  }),
  EAFNOSUPPORT: (at) => ({
    cause: `This machine has no network of the kind of ${at}.`,
    remedy: 'Set HOST to an address of IPv4, such as 127.0.0.1.',
  }),
};

/** Why a file could not be read or written. */
const files: Explains<[path: string]> = {
  ENOSPC: (path) => ({
    cause: `No space is left for ${path}.`,
    remedy: 'Free some, or write elsewhere.',
  }),
  EDQUOT: (path) => ({
    cause: `The quota of this account is used up: ${path} was not written.`,
    remedy: 'Free some space.',
  }),
  EROFS: (path) => ({
    cause: `${path} is on a file system that is read-only.`,
    remedy: 'Write elsewhere, or mount it to be written.',
  }),
  EACCES: (path) => ({
    cause: `This account may not use ${path}.`,
    remedy: 'Change its owner or its mode, or choose another path.',
  }),
  EPERM: (path) => ({
    cause: `The system forbids this account to change ${path}.`,
    remedy: 'Choose another path.',
  }),
  ENOENT: (path) => ({
    cause: `${path} does not exist.`,
    remedy: 'Correct the path; folders are not made.',
  }),
  ENOTDIR: (path) => ({
    cause: `A part of ${path} is a file and no folder.`,
    remedy: 'Correct the path.',
  }),
  EISDIR: (path) => ({ cause: `${path} is a folder.`, remedy: 'Name a file in it.' }),
  EIO: (path) => ({
    cause: `${path} could not be written or read: its device fails.`,
    remedy: 'Use another disk, and look at the log of the kernel (dmesg).',
  }),
  ENXIO: (path) => ({
    cause: `${path} is a named pipe that no program reads.`,
    remedy: 'Start its reader first.',
  }),
  EFBIG: (path) => ({
    cause: `${path} would become larger than this account may write.`,
    remedy: 'Raise `ulimit -f`.',
  }),
};

/** The refusal of the system, or null where the code says nothing that a person could act on. */
export function explainSystemError({
  code = '',
  syscall,
  address,
  port,
  path,
  hostname,
  setting = 'PORT',
}: SystemError): Explanation | null {
  if (code === 'EMFILE' || code === 'ENFILE') {
    const whose = code === 'EMFILE' ? 'This process has' : 'This machine has';
    return {
      cause: `${code}: ${whose} as many files and connections open as it may.`,
      remedy: 'Raise `ulimit -n` (systemd: LimitNOFILE), or lower MAX_CONNECTIONS and WEB_CONCURRENCY.',
    };
  }
  if ((code === 'ENOTFOUND' || code === 'EAI_AGAIN') && syscall === 'getaddrinfo') {
    return {
      cause: `${code}: the name ${hostname} has no address.`,
      remedy: 'Set HOST to an address of this machine, such as 127.0.0.1.',
    };
  }
  if (syscall === 'listen' || syscall === 'bind') {
    const at = port === undefined ? `${address}` : `${address}:${port}`;
    return listening[code]?.(at, port, setting) ?? null;
  }
  const explained = path === undefined ? undefined : files[code]?.(path);
  return explained === undefined ? null : { ...explained, cause: `${code}: ${explained.cause}` };
}

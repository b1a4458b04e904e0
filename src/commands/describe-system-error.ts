/** What Node says of a system call that failed: https://nodejs.org/api/errors.html#class-systemerror */
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

/** Why nothing listens at an address, by the code of `listen`: cause and next step. */
const listening: Readonly<Record<string, (at: string, port: number | undefined, setting: string) => string>> =
  {
    EADDRINUSE: (_at, port, setting) =>
      `Port ${port} is taken by another program. Set ${setting} to another one, or end that program.`,
    EADDRNOTAVAIL: (at) =>
      `${at} is no address of this machine, so nothing can listen there. Set HOST to one that \`ip address\` shows, to 127.0.0.1, or to 0.0.0.0 for all.`,
    EACCES: (at, _port, setting) =>
      `This account may not listen on ${at}: ports below 1024 are the administrator's. Set ${setting} to a higher one.`,
    EAFNOSUPPORT: (at) =>
      `This machine has no network of the kind of ${at}. Set HOST to an address of IPv4, such as 127.0.0.1.`,
  };

/** Why a file could not be read or written: cause and next step. */
const files: Readonly<Record<string, (path: string) => string>> = {
  ENOSPC: (path) => `No space is left for ${path}. Free some, or write elsewhere.`,
  EDQUOT: (path) => `The quota of this account is used up: ${path} was not written. Free some space.`,
  EROFS: (path) =>
    `${path} is on a file system that is read-only. Write elsewhere, or mount it to be written.`,
  EACCES: (path) => `This account may not use ${path}. Change its owner or its mode, or choose another path.`,
  EPERM: (path) => `The system forbids this account to change ${path}. Choose another path.`,
  ENOENT: (path) => `${path} does not exist. Correct the path; folders are not made.`,
  ENOTDIR: (path) => `A part of ${path} is a file and no folder. Correct the path.`,
  EISDIR: (path) => `${path} is a folder. Name a file in it.`,
  EIO: (path) => `${path} could not be written or read: its device fails.`,
  EFBIG: (path) => `${path} would become larger than this account may write. Raise \`ulimit -f\`.`,
};

/** Cause and next step of what the system refused, or null where the code says nothing that a person could act on. */
export function describeSystemError({
  code = '',
  syscall,
  address,
  port,
  path,
  hostname,
  setting = 'PORT',
}: SystemError): string | null {
  if (code === 'EMFILE' || code === 'ENFILE') {
    const whose = code === 'EMFILE' ? 'This process has' : 'This machine has';
    return `${code}: ${whose} as many files and connections open as it may. Raise \`ulimit -n\` (systemd: LimitNOFILE), or lower MAX_CONNECTIONS and WEB_CONCURRENCY.`;
  }
  if ((code === 'ENOTFOUND' || code === 'EAI_AGAIN') && syscall === 'getaddrinfo') {
    return `${code}: the name ${hostname} has no address. Set HOST to an address of this machine, such as 127.0.0.1.`;
  }
  if (syscall === 'listen' || syscall === 'bind') {
    const at = port === undefined ? `${address}` : `${address}:${port}`;
    return listening[code]?.(at, port, setting) ?? null;
  }
  return path === undefined || files[code] === undefined ? null : `${code}: ${files[code](path)}`;
}

import type { ServerPaths } from '../home.ts';
import type { TlsFiles } from '../tls/files.ts';

const MAX_CONNECTIONS = 60;

/** The arguments that a server needs to read or write a data directory, at its making and at every start. */
export function dataArguments(data: string, { asRoot }: { asRoot: boolean }): string[] {
  return [
    `--datadir=${data}`,
    '--skip-log-bin',
    '--performance-schema=OFF',
    '--innodb-buffer-pool-size=32M',
    // The kernel has a bound for the asynchronous I/O of all programs together: beside many servers the next one could
    // not start. https://dev.mysql.com/doc/refman/8.4/en/innodb-linux-native-aio.html
    '--innodb-use-native-aio=OFF',
    // "loose": MySQL before 8.0.30 lacks some of these.
    '--loose-innodb-redo-log-capacity=32M',
    '--loose-mysqlx=OFF',
    // The keys for passwords without TLS, which we never send.
    '--loose-auto-generate-certs=OFF',
    '--loose-caching-sha2-password-auto-generate-rsa-keys=OFF',
    '--loose-sha256-password-auto-generate-rsa-keys=OFF',
    '--secure-file-priv=NULL',
    ...(asRoot ? ['--user=root'] : []),
  ];
}

/** The options of a running server: lean, on loopback, TLS only, in UTC. */
export function serverArguments(
  paths: ServerPaths,
  tls: TlsFiles,
  { port, asRoot, bind = '127.0.0.1' }: { port: number; asRoot: boolean; bind?: string },
): string[] {
  return [
    ...dataArguments(paths.data, { asRoot }),
    `--bind-address=${bind}`,
    `--port=${port}`,
    // No socket file at all: one way in, and no limit of 107 characters on where a home may be.
    '--socket=',
    `--pid-file=${paths.pidFile}`,
    `--init-file=${paths.initFile}`,
    `--log-error=${paths.log}`,
    `--tmpdir=${paths.tmp}`,
    `--ssl-ca=${tls.ca}`,
    `--ssl-cert=${tls.certificate}`,
    `--ssl-key=${tls.key}`,
    '--require-secure-transport=ON',
    '--skip-name-resolve',
    `--max-connections=${MAX_CONNECTIONS}`,
    // Probes that hang up after the greeting must not get this host blocked.
    '--max-connect-errors=1000000',
    '--table-open-cache=400',
    // A server forgets the time of a table's last write when the table leaves this cache; it would hold 600.
    '--table-definition-cache=10000',
    '--character-set-server=utf8mb4',
    '--default-time-zone=+00:00',
  ];
}

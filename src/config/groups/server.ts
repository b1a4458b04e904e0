import { hostOfAddress, isLoopback } from '../../util/hosts.ts';
import { anyText, entriesOf, oneOf, port, readAs, whole } from '../kinds.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

const hostList = 'a list of hosts as in api.example.org,10.1.2.3: no scheme, no port, no *';

const hosts = readAs(hostList, (value) => {
  // A port behind a name; IPv6 addresses have colons of their own.
  const withPort = (name: string) => /[^:]:\d*$/.test(name) && !name.includes('::');
  const read = entriesOf(value).map((name) => (withPort(name) ? null : hostOfAddress(name)));
  const known = read.filter((host) => host !== null);
  return known.length === read.length ? { value: known } : { problem: `is not ${hostList}` };
});

/** Whether this machine alone reaches the address to listen on. */
const onLoopback = (host: string) => isLoopback(hostOfAddress(host));

export const serverSettings = settingsGroup({
  title: 'Server',
  page: 'deployment.md',
  settings: {
    environment: {
      variable: 'NODE_ENV',
      kind: oneOf(['development', 'production', 'test']),
      default: 'development',
      help: 'development, production or test; with production, introspection is off and the local databases are not used.',
    },
    host: {
      variable: 'HOST',
      kind: anyText('an address or a host name'),
      default: '127.0.0.1',
      help: 'Address on which the server listens.',
    },
    allowedHosts: {
      variable: 'ALLOWED_HOSTS',
      kind: hosts,
      default: '',
      help: 'Names and addresses to which clients send requests, separated by commas; loopback’s need no entry. Required if HOST is not a loopback address.',
    },
    introspection: {
      variable: 'INTROSPECTION',
      kind: oneOf(['on', 'off']),
      help: 'Introspection, the console, and suggestions in errors; empty: on where this machine alone reaches the server, and off with NODE_ENV=production.',
    },
    port: {
      variable: 'PORT',
      kind: port(0),
      default: '4000',
      help: 'Port of the API; 0: a free one.',
    },
    maxConnections: {
      variable: 'MAX_CONNECTIONS',
      kind: whole(10, 1_000_000),
      default: '1000',
      help: 'Clients’ connections that each process takes at most, idle ones included.',
    },
    processes: {
      variable: 'WEB_CONCURRENCY',
      kind: whole(1, 1000),
      default: '1',
      help: 'Processes, which share the connections of POOL_MAX: at least 2 each.',
    },
    readyWhen: {
      variable: 'READY_WHEN',
      kind: oneOf(['any', 'all']),
      default: 'any',
      help: 'Sources that must answer before /readyz reports ready: any one of them, or all.',
    },
    shutdownDelayMs: {
      variable: 'SHUTDOWN_DELAY_MS',
      kind: whole(0, 600_000),
      default: '0',
      help: 'Milliseconds after SIGTERM in which the server still answers everything, while /readyz already answers 503.',
    },
    shutdownTimeoutMs: {
      variable: 'SHUTDOWN_TIMEOUT_MS',
      kind: whole(0, 600_000),
      default: '10000',
      help: 'Milliseconds from then on in which requests in flight may finish; then the process ends.',
    },
  },
  rules: [
    {
      variable: 'ALLOWED_HOSTS',
      needs: ['ALLOWED_HOSTS', 'HOST'],
      check: ({ host, allowedHosts }) =>
        onLoopback(host) || allowedHosts.length > 0
          ? undefined
          : {
              cause: `is missing: HOST=${host} is reached from other machines`,
              remedy: 'list the names and addresses that clients use, as in api.example.org',
            },
    },
  ],
});

/** How many sources have to answer: one of them, or all. */
export type ReadyWhen = 'any' | 'all';

/** Where the server listens, in how many processes, and how it stops; fields as in the settings above. */
export type ServerConfig = Omit<ValuesOf<typeof serverSettings>, 'environment' | 'introspection'>;

/** The features that the server offers, and its callers. */
export interface Exposure {
  /** Whether other machines reach the server, perhaps through a proxy of this one. */
  readonly reachedByOthers: boolean;
  /** Whether clients learn the schema: introspection, the console that lives on it, suggestions in errors. */
  readonly introspection: boolean;
  /** Whether the server offers Apollo Sandbox: only with introspection, and where only this machine reaches it. */
  readonly sandbox: boolean;
}

export function toServer(values: ValuesOf<typeof serverSettings>): ServerConfig & Exposure {
  const { environment, introspection: set, ...server } = values;
  const reachedByOthers = isReachedByOthers(server);
  const openByDefault = !reachedByOthers && environment !== 'production';
  const introspection = set === undefined ? openByDefault : set === 'on';
  return { ...server, reachedByOthers, introspection, sandbox: introspection && !reachedByOthers };
}

/** Whether other machines reach the server. A proxy on this machine passes on what they request by its name. */
export function isReachedByOthers({
  host,
  allowedHosts,
}: Pick<ValuesOf<typeof serverSettings>, 'host' | 'allowedHosts'>): boolean {
  return !onLoopback(host) || allowedHosts.some((name) => !isLoopback(name));
}

import { readAs, whole } from '../kinds.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

/** With `s`, over TLS. */
const storeUrl = readAs('a URL that begins with rediss://, redis://, valkeys:// or valkey://', (text) =>
  URL.canParse(text) && /^(?:redis|valkey)s?:$/.test(new URL(text).protocol) && new URL(text).hostname !== ''
    ? { value: text }
    : { problem: 'is not the URL of a Valkey or Redis' },
);

export const limitsSettings = settingsGroup({
  title: 'Limits of one request',
  page: 'limits.md',
  prefix: 'LIMIT_',
  settings: {
    tokens: {
      variable: 'LIMIT_TOKENS',
      kind: whole(100, 1_000_000),
      default: '4000',
      help: 'Tokens of a document: its words and signs.',
    },
    depth: {
      variable: 'LIMIT_DEPTH',
      kind: whole(1, 100),
      default: '16',
      help: 'Levels of fields below each other.',
    },
    aliases: {
      variable: 'LIMIT_ALIASES',
      kind: whole(0, 10_000),
      default: '50',
      help: 'Fields under another name than their own.',
    },
    duplicates: {
      variable: 'LIMIT_DUPLICATES',
      kind: whole(0, 10_000),
      default: '20',
      help: 'Fields that stand in one selection set a second time.',
    },
    directives: {
      variable: 'LIMIT_DIRECTIVES',
      kind: whole(0, 10_000),
      default: '50',
      help: 'Directives of a document.',
    },
    rootFields: {
      variable: 'LIMIT_ROOT_FIELDS',
      kind: whole(1, 1000),
      default: '20',
      help: 'Fields of the operation itself; each is answered by statements of its own.',
    },
    cost: {
      variable: 'LIMIT_COST',
      kind: whole(100, 100_000_000),
      default: '100000',
      help: 'Values that an answer may hold: fields times rows, as requested and as read; a table that may have to be read as a whole costs 5000 and more.',
    },
    operationTimeoutMs: {
      variable: 'OPERATION_TIMEOUT_MS',
      kind: whole(100, 600_000),
      default: '30000',
      help: 'Milliseconds for all that an operation reads, waiting included. The server does not cut a change that has begun.',
    },
    storeUrl: {
      variable: 'LIMIT_STORE_URL',
      kind: storeUrl,
      secret: true,
      help: 'Valkey or Redis in which all processes count requests together, as in rediss://user:password@host:6379; empty: the processes of one machine do.',
    },
    requestsPerMinute: {
      variable: 'LIMIT_REQUESTS_PER_MINUTE',
      kind: whole(0, 1_000_000),
      default: '0',
      help: 'Requests a minute from one address; 0: no limit. Behind a proxy, let the proxy limit them.',
    },
  },
});

/** How much one request may ask for; fields as in the settings above. */
export type Limits = ValuesOf<typeof limitsSettings>;

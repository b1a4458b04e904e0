import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { hostOfAddress, isLoopback } from '../../util/hosts.ts';
import { command, fileOf, oneOf, type Read, readAs, whole } from '../kinds.ts';
import type { PasswordCommand } from '../parse-command.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

/** Algorithms of signatures that a public key verifies. HMAC is none: a server that verifies could sign, too. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** An identity provider whose tokens are accepted. */
export interface IssuerConfig {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  /** One of these must be in the claim `aud`. */
  readonly audience: readonly string[];
  /** Where its keys are; absent: where its discovery document says. */
  readonly jwksUri?: string;
  readonly algorithms: readonly (typeof algorithms)[number][];
  /** The header of a proxy that carries its tokens; absent: Authorization, as a bearer token. */
  readonly header?: string;
  /** The required value of the token's own header `typ`, such as at+jwt. */
  readonly typ?: string;
  /** The claim that holds the roles: its name, or a path such as realm_access.roles. */
  readonly rolesClaim: string;
  /** Whether every address in the claim `email` is verified, so that no `email_verified` need say so. */
  readonly verifiesEmail?: boolean;
  /** The public client by which people sign in to the console; absent: they cannot by this issuer. */
  readonly console?: { readonly clientId: string; readonly scope: string };
  /** Roles by the values of that claim; absent: the values are the roles. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
}

/** The credentials that the server accepts, and how callers prove their identity. */
export interface AuthConfig {
  /**
   * `required`: every request needs a token or an API key. `open`: a request without one acts as the administrator; a
   * token that is given is verified all the same.
   */
  readonly mode: 'required' | 'open';
  readonly issuers: readonly IssuerConfig[];
  /** The file of the API keys' hashes, or the command that prints them. */
  readonly apiKeys?: { readonly file: string } | { readonly argv: PasswordCommand['argv'] };
  /** Milliseconds by which the clock of a provider may differ. */
  readonly leewayMs: number;
  /** The key of the tokens that `tandem token` makes; absent: none of them is accepted. */
  readonly localKeyFile?: string;
}

/** Where `tandem token` keeps its key, below the folder in which it runs. */
export const localKeyFile = '.tandem/token-key.json';

/** Whether an address is safe to fetch keys from: TLS, or this machine itself. */
export function isKeyAddress(address: string): boolean {
  const url = URL.parse(address);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(hostOfAddress(url.hostname)));
}

const name = z.string('is missing').min(1, 'is empty').max(1000, 'is too long');
const names = z.array(name).min(1, 'is empty').max(100, 'has more than 100 values');
const keyAddress = name.refine(isKeyAddress, 'is neither https:// nor on this machine');

const issuer = z
  .strictObject({
    issuer: name,
    audience: z.union([name.transform((one) => [one]), names], 'is missing, or neither a text nor a list'),
    jwksUri: keyAddress.optional(),
    algorithms: z
      .array(z.enum(algorithms, `is none of ${algorithms.join(', ')}`))
      .min(1, 'is empty')
      .default(['RS256', 'ES256']),
    header: name
      .regex(/^[A-Za-z\d-]+$/, 'is not the name of a header')
      .transform((header) => header.toLowerCase())
      .refine((header) => header !== 'authorization', 'is Authorization: leave it out')
      .optional(),
    typ: name.optional(),
    rolesClaim: name.default('roles'),
    verifiesEmail: z.boolean().optional(),
    console: z.strictObject({ clientId: name, scope: name.default('openid') }).optional(),
    roles: z.record(z.string(), names).optional(),
  })
  .refine(({ issuer, jwksUri }) => jwksUri !== undefined || isKeyAddress(issuer), {
    path: ['issuer'],
    error: 'is neither https:// nor on this machine, so it needs a jwksUri beside it',
  })
  .refine(({ issuer, console }) => console === undefined || isKeyAddress(issuer), {
    path: ['console'],
    error: 'needs an issuer that is https:// or on this machine',
  });

const issuerList = z
  .array(issuer)
  .min(1, 'is empty')
  .max(20, 'has more than 20 issuers')
  .refine(
    (list) => new Set(list.map(({ issuer }) => issuer)).size === list.length,
    'names an issuer twice: give it several audiences',
  );

/** JSON, or the file that has it. The messages name a place and never a value. */
const issuers = readAs(
  'a list of issuers in JSON, or the file that has it',
  (text): Read<readonly IssuerConfig[]> => {
    const inline = text.trimStart().startsWith('[');
    const where = inline ? '' : `: ${resolve(text)}`;
    let json: unknown;
    try {
      json = JSON.parse(inline ? text : readFileSync(resolve(text), 'utf8'));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return {
        problem: `${code === undefined ? 'is not JSON' : `is a file that cannot be read (${code})`}${where}`,
      };
    }
    const read = issuerList.safeParse(json, {
      error: ({ code }) =>
        code === 'unrecognized_keys'
          ? 'has a property that is none of an issuer’s'
          : 'is not a list of issuers (docs/access.md)',
    });
    if (read.success) return { value: read.data as readonly IssuerConfig[] };
    const [first] = read.error.issues;
    const at = first?.path.map(String).join('.');
    return { problem: `${at ? `${at} ` : ''}${first?.message}${where}` };
  },
);

const keyFile = fileOf('a file with the hashes of API keys', (_text, path) => ({ value: path }));

export const accessSettings = settingsGroup({
  title: 'Access',
  page: 'access.md',
  prefix: 'AUTH_',
  settings: {
    auth: {
      variable: 'AUTH',
      kind: oneOf(['none'], 'is not none'),
      help: 'none: every caller acts as the administrator; empty: callers need a token or an API key if one of the settings below is set. Required beyond loopback unless one of those is set.',
    },
    issuers: {
      variable: 'AUTH_ISSUERS',
      kind: issuers,
      help: 'Identity providers whose tokens the server accepts: a JSON file, or the JSON itself; empty: none.',
    },
    leewayMs: {
      variable: 'AUTH_LEEWAY_MS',
      kind: whole(0, 300_000),
      default: '30000',
      help: 'Milliseconds by which the clock of an identity provider may differ.',
    },
    apiKeys: {
      variable: 'API_KEYS',
      kind: keyFile,
      help: 'JSON file with the hashes and the roles of API keys; empty: there are none.',
    },
    apiKeysCommand: {
      variable: 'API_KEYS_COMMAND',
      kind: command,
      secret: true,
      help: 'Instead of the file: a command that prints its JSON on one line. No shell runs it.',
    },
  },
  rules: [
    {
      variable: 'AUTH',
      needs: ['AUTH', 'AUTH_ISSUERS', 'API_KEYS', 'API_KEYS_COMMAND'],
      check: (values) =>
        values.auth === 'none' && hasIdentities(values)
          ? {
              cause: 'is none, but AUTH_ISSUERS, API_KEYS or API_KEYS_COMMAND is set',
              remedy: 'leave either empty',
            }
          : undefined,
    },
    {
      variable: 'API_KEYS_COMMAND',
      needs: ['API_KEYS', 'API_KEYS_COMMAND'],
      check: ({ apiKeys, apiKeysCommand }) =>
        apiKeys !== undefined && apiKeysCommand !== undefined
          ? { cause: 'and API_KEYS are both set', remedy: 'leave one of them empty' }
          : undefined,
    },
  ],
});

type AccessValues = ValuesOf<typeof accessSettings>;

/** Whether callers have a way to prove who they are. */
export function hasIdentities({
  issuers,
  apiKeys,
  apiKeysCommand,
}: {
  readonly issuers?: unknown;
  readonly apiKeys?: unknown;
  readonly apiKeysCommand?: unknown;
}): boolean {
  return issuers !== undefined || apiKeys !== undefined || apiKeysCommand !== undefined;
}

/** @param localKey the file of the key of local tokens, where the server is for this machine alone */
export function toAuth(values: AccessValues, localKey?: string): AuthConfig {
  const { issuers = [], apiKeys: file, apiKeysCommand: argv, leewayMs } = values;
  const apiKeys = file !== undefined ? { file } : argv && { argv };
  const isOpen = !hasIdentities(values);
  return {
    mode: isOpen ? 'open' : 'required',
    issuers,
    ...(apiKeys && { apiKeys }),
    leewayMs,
    ...(isOpen && localKey !== undefined && { localKeyFile: localKey }),
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';

/** A private key that a provider signs with. */
export interface SigningKey {
  readonly jwk: JWK & { readonly kid: string };
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

export async function makeKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { jwk: { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' }, privateKey, publicKey };
}

/** A real OpenID provider on a port of this machine. */
export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Paths that were asked for so far. */
  readonly asked: string[];
  /** Signs with the first of these from now on, and publishes them all. */
  rotate(...keys: SigningKey[]): void;
  /** Drops every connection from now on, or no longer. */
  setAway(away: boolean): void;
  /** An access token by client credentials: `sub` is the client's name. */
  token(client?: string): Promise<string>;
  /** Tokens of a person who logs in by a browser: authorization code, with the forms of the provider. */
  logIn(person: string): Promise<{ readonly access_token: string; readonly id_token: string }>;
}

interface Options {
  readonly keys: readonly SigningKey[];
  readonly audience?: string;
  /** Seconds. */
  readonly ttl?: number;
  /** Where the client `console` of browsers, which has no secret and needs PKCE, is led back to. */
  readonly consoleAt?: string;
  /** Claims beside those of the protocol, by subject. */
  readonly claims?: (subject: string) => Record<string, unknown>;
}

export async function startIdentityProvider({
  keys,
  audience = 'tandem',
  ttl = 300,
  consoleAt,
  claims = () => ({ roles: ['reader'] }),
}: Options): Promise<IdentityProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => {};
  let away = false;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (away) request.socket.destroy();
    else void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const rotate = (...signing: readonly SigningKey[]) => {
    handle = quietly(
      () => new Provider(issuer, configuration(signing, { audience, ttl, claims }, consoleAt)),
    ).callback();
  };
  rotate(...keys);

  return {
    issuer,
    asked,
    rotate,
    setAway(on) {
      away = on;
      if (on) server.closeAllConnections();
    },
    async token(client = 'machine') {
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client}:${secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
      const { access_token: token } = (await response.json()) as { access_token: string };
      return token;
    },
    logIn: (person) => logIn(issuer, person),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The provider warns of what suits no production. */
function quietly<T>(make: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}

const secret = 'only-for-tests';
const redirectUri = 'https://client.example/callback';

function configuration(
  keys: readonly SigningKey[],
  { audience, ttl, claims }: Required<Omit<Options, 'keys' | 'consoleAt'>>,
  consoleAt: string | undefined,
): Configuration {
  const browser = consoleAt && {
    client_id: 'console',
    token_endpoint_auth_method: 'none' as const,
    grant_types: ['authorization_code'],
    redirect_uris: [consoleAt],
    response_types: ['code' as const],
    application_type: 'native' as const,
  };
  const machine = (client_id: string) => ({
    client_id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  });
  return {
    clients: [
      machine('machine'),
      machine('other'),
      {
        client_id: 'app',
        client_secret: secret,
        grant_types: ['authorization_code'],
        redirect_uris: [redirectUri],
        response_types: ['code'],
      },
      ...(browser ? [browser] : []),
    ],
    clientBasedCORS: () => consoleAt !== undefined,
    jwks: { keys: keys.map(({ jwk }) => jwk) },
    cookies: { keys: ['only-for-tests'] },
    pkce: { required: (_context, client) => client.clientId === 'console' },
    ttl: {
      AccessToken: ttl,
      ClientCredentials: ttl,
      IdToken: ttl,
      Interaction: ttl,
      Session: ttl,
      Grant: ttl,
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:tandem:api',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'openid api',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: ttl,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    extraTokenClaims: (_context, token) =>
      claims((token as { accountId?: string }).accountId ?? (token.clientId as string)),
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...claims(sub) }) }),
    claims: { openid: ['sub', 'roles'] },
    conformIdTokenClaims: false,
  };
}

/** What a browser does: it follows redirects, keeps cookies, and fills in the two forms. */
async function logIn(issuer: string, person: string) {
  const jar = new Map<string, string>();
  const visit = async (address: string, form?: Record<string, string>): Promise<Response> => {
    const response = await fetch(new URL(address, issuer), {
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
      redirect: 'manual',
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      jar.set(name, value);
    }
    return response;
  };
  const query = new URLSearchParams({
    client_id: 'app',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: redirectUri,
  });
  let response = await visit(`/auth?${query}`);
  for (let step = 0; step < 10; step += 1) {
    const location = response.headers.get('location') ?? '';
    const code = URL.parse(location)?.searchParams.get('code');
    if (code) return tokensFor(issuer, code);
    const page = await visit(location);
    if (page.status !== 200) {
      response = page;
      continue;
    }
    const html = await page.text();
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
    const prompt = /name="prompt" value="([^"]+)"/.exec(html)?.[1] ?? '';
    response = await visit(action, { prompt, login: person, password: 'any' });
  }
  throw new Error('the provider gave no code');
}

async function tokensFor(issuer: string, code: string) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`app:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }),
  });
  return (await response.json()) as { access_token: string; id_token: string };
}

/** A token as an attacker, or a provider that does things otherwise, would make it. */
export function forge(
  key: SigningKey | Uint8Array,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const alg = key instanceof Uint8Array ? 'HS256' : (key.jwk.alg as string);
  return new SignJWT(claims)
    .setProtectedHeader({ alg, ...(key instanceof Uint8Array ? {} : { kid: key.jwk.kid }), ...header })
    .sign(key instanceof Uint8Array ? key : key.privateKey);
}

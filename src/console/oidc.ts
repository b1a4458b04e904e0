import { signal } from '@preact/signals';
import { restore } from './route.ts';
import { signIn } from './session.ts';

const setting = (name: string) =>
  document.querySelector<HTMLMetaElement>(`meta[name="tandem-${name}"]`)?.content ?? '';

/** The issuer by which people sign in; empty where there is none. */
export const issuer = setting('issuer');

/** Why signing in failed; empty where it did not. */
export const signInProblem = signal('');

/** The state that waits for the way back from the issuer: of no use to others, and no token. */
interface Pending {
  readonly state: string;
  readonly verifier: string;
  /** The view to return to. */
  readonly hash: string;
}

const pendingName = 'tandem-sign-in';
const redirectUri = `${location.origin}/`;

/**
 * Leads to the issuer: authorization code with PKCE.
 * https://www.rfc-editor.org/rfc/rfc7636
 */
export async function startSignIn(): Promise<void> {
  try {
    const { authorization_endpoint: address } = await discover();
    const pending: Pending = { state: randomText(), verifier: randomText(), hash: location.hash };
    sessionStorage.setItem(pendingName, JSON.stringify(pending));
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: setting('client'),
      redirect_uri: redirectUri,
      scope: setting('scope'),
      state: pending.state,
      code_challenge: await challengeOf(pending.verifier),
      code_challenge_method: 'S256',
    });
    location.assign(`${address}?${query}`);
  } catch {
    signInProblem.value = 'The identity provider does not answer.';
  }
}

/** On the way back from the issuer: takes the code for a token, which stays in memory. */
export async function finishSignIn(): Promise<void> {
  const answer = new URLSearchParams(location.search);
  const text = sessionStorage.getItem(pendingName);
  sessionStorage.removeItem(pendingName);
  if (!answer.has('state') || text === null) return;
  const { state, verifier, hash } = JSON.parse(text) as Pending;
  // Neither the code nor the error is to be sent or bookmarked again.
  restore(hash);
  const code = answer.get('code');
  if (answer.get('state') !== state || code === null) {
    signInProblem.value = `The identity provider refused it${answer.has('error') ? ` (${answer.get('error')})` : ''}.`;
    return;
  }
  try {
    const { token_endpoint: address } = await discover();
    const response = await fetch(address, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        client_id: setting('client'),
        code_verifier: verifier,
      }),
    });
    const { access_token: access = '', id_token: id = '', error } = (await response.json()) as Tokens;
    // Of some providers, access tokens are for themselves alone and no JSON Web Tokens.
    const token = access.split('.').length === 3 ? access : id;
    if (token === '')
      signInProblem.value = `The identity provider gave no token (${error ?? response.status}).`;
    else signIn({ text: token });
  } catch {
    signInProblem.value = 'The identity provider does not answer.';
  }
}

interface Tokens {
  readonly access_token?: string;
  readonly id_token?: string;
  readonly error?: string;
}

interface Discovery {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
async function discover(): Promise<Discovery> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const found = (await response.json()) as Discovery;
  if (found.issuer !== issuer) throw new Error('another issuer answered');
  return found;
}

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

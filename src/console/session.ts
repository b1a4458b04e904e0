import { signal } from '@preact/signals';

/** The caller's credential: kept in memory alone, gone with the page. */
export interface SignInToken {
  readonly text: string;
  /** The role to act in, where the token has several. */
  readonly role?: string;
}

export const token = signal<SignInToken | null>(null);

/** `ready`: requests are answered as far as is known. `no-role`: the token names no role to act in, or several. */
export type SessionState = 'ready' | 'signed-out' | 'expired' | 'no-role';

/** How the server lets callers in, as its page says: `open` needs nothing, `required` a token. */
const signInMode = document.querySelector<HTMLMetaElement>('meta[name="tandem-sign-in"]')?.content ?? 'open';

export const session = signal<SessionState>(signInMode === 'required' ? 'signed-out' : 'ready');

/** The server refused the token, or wants one. */
export function sessionLost(): void {
  session.value = token.value === null ? 'signed-out' : 'expired';
}

/** The server knows the caller, and not the role in which it acts. */
export function roleRefused(): void {
  session.value = 'no-role';
}

export function signIn(given: SignInToken): void {
  token.value = given;
  session.value = 'ready';
}

export function signOut(): void {
  token.value = null;
  session.value = 'signed-out';
}

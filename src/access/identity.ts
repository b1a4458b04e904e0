/** The caller that a request comes from, as its credential has proven. */
export interface Identity {
  /** `open`: nothing was to be proven. */
  readonly kind: 'token' | 'api-key' | 'open';
  /** The claim `sub` of a token, the name of an API key; null where nothing was to be proven. */
  readonly subject: string | null;
  /** The claim `iss` of a token. */
  readonly issuer: string | null;
  readonly roles: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** May do everything. */
export const administratorRole = 'administrator';

/** The caller of a server that is open to all. */
export const openIdentity: Identity = Object.freeze({
  kind: 'open',
  subject: null,
  issuer: null,
  roles: Object.freeze([administratorRole]),
  claims: Object.freeze({}),
});

/** The same with the one role in which it acts. */
export interface ActiveIdentity extends Identity {
  readonly role: string;
}

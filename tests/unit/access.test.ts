import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findApiKey, readApiKeys } from '../../src/access/api-keys.ts';
import { credentialOf } from '../../src/access/credentials.ts';
import { refreshed } from '../../src/access/refresh-keys.ts';
import { rolesOf } from '../../src/access/roles-of.ts';

describe('the roles of a token', () => {
  const plain = { rolesClaim: 'roles' };

  it.each<[claims: Record<string, unknown>, settings: Parameters<typeof rolesOf>[1], roles: string[]]>([
    [{ roles: ['a', 'b', 'a'] }, plain, ['a', 'b']],
    [{ roles: 'a' }, plain, ['a']],
    [{ roles: ['', 1, null, ['a'], { a: 1 }] }, plain, []],
    [{}, plain, []],
    [{ realm_access: { roles: ['a'] } }, { rolesClaim: 'realm_access.roles' }, ['a']],
    [{ 'https://x.example/roles': ['a'] }, { rolesClaim: 'https://x.example/roles' }, ['a']],
    [{ realm_access: 'a' }, { rolesClaim: 'realm_access.length' }, []],
    [{}, { rolesClaim: 'constructor.name' }, []],
    [
      { groups: ['g1', 'g2', 'g9'] },
      { rolesClaim: 'groups', roles: { g1: ['a'], g2: ['b', 'a'] } },
      ['a', 'b'],
    ],
    [{ groups: ['constructor', '__proto__'] }, { rolesClaim: 'groups', roles: { g1: ['a'] } }, []],
    [{ email: 'a@b.c', email_verified: true }, { rolesClaim: 'email', roles: { 'a@b.c': ['a'] } }, ['a']],
    [{ email: 'a@b.c' }, { rolesClaim: 'email', roles: { 'a@b.c': ['a'] } }, []],
    [{ email: 'a@b.c' }, { rolesClaim: 'email', verifiesEmail: true, roles: { 'a@b.c': ['a'] } }, ['a']],
    [{ email: 'a@b.c', email_verified: 'true' }, { rolesClaim: 'email', roles: { 'a@b.c': ['a'] } }, []],
  ])('of %j by %j are %j', (claims, settings, roles) => {
    expect(rolesOf(claims, settings)).toEqual(roles);
  });
});

describe('the token of a request', () => {
  const of = (...rawHeaders: string[]) => credentialOf({ rawHeaders }, new Set(['x-assertion']));

  it('is that of one header', () => {
    expect(of('Host', 'x', 'Authorization', 'Bearer a.b.c')).toEqual({ token: 'a.b.c', header: null });
    expect(of('X-Assertion', 'a.b.c')).toEqual({ token: 'a.b.c', header: 'x-assertion' });
    expect(of('Host', 'x')).toBeNull();
    expect(credentialOf({ rawHeaders: ['X-Assertion', 'a.b.c'] })).toBeNull();
  });

  it.each([
    ['BAD_REQUEST', ['Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer a']],
    ['BAD_REQUEST', ['Authorization', 'Bearer a', 'x-assertion', 'a']],
    ['UNAUTHENTICATED', ['Authorization', '']],
    ['UNAUTHENTICATED', ['Authorization', 'Bearera']],
    ['UNAUTHENTICATED', ['Authorization', 'Bearer a b']],
    ['UNAUTHENTICATED', ['Authorization', `Bearer ${'a'.repeat(8192)}`]],
    ['UNAUTHENTICATED', ['x-assertion', 'a'.repeat(8193)]],
  ])('is none (%s) in %j', (code, rawHeaders) => {
    expect(() => of(...rawHeaders)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the list of API keys', () => {
  const sha256 = createHash('sha256').update('secret').digest('hex');
  const entry = { name: 'm', sha256, roles: ['r'] };

  it('finds a key by its text alone', () => {
    const keys = readApiKeys(
      JSON.stringify([{ ...entry, sha256: sha256.toUpperCase(), claims: { licence: 'L1' } }]),
    );
    expect(findApiKey(keys, 'secret')?.identity).toEqual({
      kind: 'api-key',
      subject: 'm',
      issuer: null,
      roles: ['r'],
      claims: { licence: 'L1' },
    });
    expect(findApiKey(keys, sha256)).toBeUndefined();
  });

  it.each([
    ['', 'is not a list'],
    ['{}', 'is not a list'],
    [JSON.stringify([{ ...entry, sha256: 'canary' }]), 'see 0.sha256'],
    [JSON.stringify([{ ...entry, roles: [] }]), 'see 0.roles'],
    [JSON.stringify([entry, { ...entry, key: 'canary' }]), 'see 1'],
    [JSON.stringify([{ ...entry, expires: 'tomorrow' }]), 'see 0.expires'],
    [JSON.stringify([entry, { ...entry, sha256: '0'.repeat(64) }]), 'has a name or a hash twice'],
    [JSON.stringify([entry, { ...entry, name: 'n' }]), 'has a name or a hash twice'],
  ])('is none as %s', (text, problem) => {
    expect(() => readApiKeys(text)).toThrow(problem);
    expect(() => readApiKeys(text)).not.toThrow(/canary/);
  });
});

describe('a value from elsewhere', () => {
  /** What is loaded next, and a clock, both a test's to set. */
  function value() {
    const state = { at: 0, next: 'a' as string | Error, loads: 0, changes: [] as string[] };
    const load = async () => {
      state.loads += 1;
      if (state.next instanceof Error) throw state.next;
      return state.next;
    };
    const kept = refreshed(load, {
      everyMs: 600_000,
      reloads: { inARow: 3, everyMs: 10_000 },
      isSame: (one, other) => one === other,
      changed: (now) => void state.changes.push(now),
      clock: () => state.at,
    });
    return { state, kept };
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('is loaded once for all who wait, and at once from then on', async () => {
    const { state, kept } = value();
    expect(await Promise.all([kept.get(), kept.get()])).toEqual(['a', 'a']);
    expect([kept.get(), state.loads]).toEqual(['a', 1]);
  });

  it('is loaded again when it is old, while the old one serves', async () => {
    const { state, kept } = value();
    await kept.get();
    state.at = 600_001;
    state.next = 'b';
    expect(kept.get()).toBe('a');
    await settled();
    expect([kept.get(), state.loads, state.changes]).toEqual(['b', 2, ['a', 'b']]);
  });

  it('serves on while it cannot be loaded, and is not tried at every request', async () => {
    const { state, kept } = value();
    await kept.get();
    state.next = new Error('away');
    for (let ms = 0; ms < 3000; ms += 10) {
      state.at = 600_001 + ms;
      expect(kept.get()).toBe('a');
      await settled();
    }
    expect(state.loads).toBe(1 + 3);
    await expect(kept.reload()).rejects.toThrow('away');
    state.at += 5000;
    state.next = 'b';
    expect(await kept.reload()).toBe(true);
    expect(kept.get()).toBe('b');
  });

  it('is waited for where nobody has asked for it for long, and serves on where that fails', async () => {
    const { state, kept } = value();
    await kept.get();
    state.at = 1_200_001;
    state.next = 'b';
    expect(kept.isOverdue()).toBe(true);
    expect(await Promise.all([kept.get(), kept.get()])).toEqual(['b', 'b']);
    expect([kept.isOverdue(), kept.get(), state.loads]).toEqual([false, 'b', 2]);
    state.at += 1_200_001;
    state.next = new Error('away');
    expect(await kept.get()).toBe('b');
    // From now on nothing waits for it.
    state.at += 5000;
    expect([kept.isOverdue(), kept.get()]).toEqual([false, 'b']);
  });

  it('fails as loading failed where it was never there', async () => {
    const { state, kept } = value();
    state.next = new Error('away');
    await expect(kept.get()).rejects.toThrow('away');
    state.next = 'a';
    await expect(kept.get()).rejects.toThrow('away');
    state.at = 1000;
    expect(await kept.get()).toBe('a');
  });

  it('is reloaded a few times in a row, and then once in so many seconds, however often that is asked for', async () => {
    const { state, kept } = value();
    await kept.get();
    const reloads: boolean[] = [];
    for (const next of ['b', 'c', 'd', 'e']) {
      state.next = next;
      reloads.push(await kept.reload());
    }
    expect([reloads, kept.get()]).toEqual([[true, true, true, false], 'd']);
    let loaded = 0;
    for (state.at = 0; state.at < 60_000; state.at += 100) {
      state.next = `at ${state.at}`;
      loaded += (await kept.reload()) ? 1 : 0;
      // A key that is new is seen within those seconds.
      if (state.at >= 10_000) expect(Number(String(kept.get()).slice(3))).toBeGreaterThan(state.at - 10_000);
    }
    expect(loaded).toBe(5);
    state.at = 200_000;
    state.next = 'f';
    expect([await kept.reload(), kept.get()]).toEqual([true, 'f']);
  });
});

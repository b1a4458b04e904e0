import { describe, expect, it } from 'vitest';
import { explainReason, type Reason, reasons } from '../../src/errors/explain-reason.ts';
import { reasonOf } from '../../src/errors/reason-of.ts';
import { sourceNames } from '../../src/source-name.ts';

const all = Object.keys(reasons) as Reason[];
const driverError = (fields: object, message = 'canary') => Object.assign(new Error(message), fields);

describe('the reasons of failures', () => {
  it('share no sign, so that none hides another', () => {
    const signs = all.flatMap((reason) => [...reasons[reason].signs]);
    expect(signs.filter((sign, at) => signs.indexOf(sign) !== at)).toEqual([]);
  });

  it.each(sourceNames)('say for %s what to do, and never to open the network or to give up TLS', (source) => {
    for (const reason of all) {
      const { cause, remedy } = explainReason(reason, source);
      expect(cause + remedy).not.toMatch(/\{source|undefined/);
      expect(cause).toMatch(/\.$/);
      expect(remedy).toMatch(/\.$/);
      expect(remedy).not.toMatch(
        /0\.0\.0\.0|255\.255|(turn|switch|set).{0,20} off|ssl-mode|DISABLED|rejectUnauthorized/i,
      );
      const other =
        source === 'AZURE' ? /gcloud|GCP_DB|authorized network/ : /\baz mysql|AZURE_DB|firewall rule/;
      expect(remedy).not.toMatch(other);
    }
  });
});

describe('the reason of an error', () => {
  it.each([
    ['Hostname/IP does not match certificate’s altnames: Host: canary', 'TLS_HOST_MISMATCH'],
    ['certificate has expired', 'TLS_CERT_EXPIRED'],
    ['certificate is not yet valid', 'TLS_CERT_NOT_YET_VALID'],
    ['self-signed certificate in certificate chain', 'TLS_CA_UNKNOWN'],
    ['unable to verify the first certificate; if the root CA is installed locally, …', 'TLS_CA_UNKNOWN'],
    ['certificate signature failure', 'TLS_CA_UNKNOWN'],
    ['Client network socket disconnected before secure TLS connection was established', 'TLS_FAILED'],
  ])('is in the text alone where mysql2 wrote over the code: %s', (text, reason) => {
    expect(reasonOf(driverError({ code: 'HANDSHAKE_SSL_ERROR' }, text))).toBe(reason);
  });

  it('is the option that MySQL names, where an option prevents a statement', () => {
    const because = (option: string) =>
      reasonOf(
        driverError(
          { errno: 1290, code: 'ER_OPTION_PREVENTS_STATEMENT' },
          `The MySQL server is running with the ${option} option so it cannot execute this statement`,
        ),
      );
    expect(['--read-only', '--super-read-only', '--secure-file-priv'].map(because)).toEqual([
      'SERVER_READ_ONLY',
      'SERVER_READ_ONLY',
      null,
    ]);
  });

  it('is found behind whatever wraps it', () => {
    const refused = driverError({ code: 'ECONNREFUSED', errno: -111 });
    expect(reasonOf(new Error('canary', { cause: refused }))).toBe('CONNECTION_REFUSED');
    expect(reasonOf(Object.assign(new AggregateError([refused]), { code: 'ECONNREFUSED' }))).toBe(
      'CONNECTION_REFUSED',
    );
  });

  it('tells a connection that went silent from one that never came about', () => {
    expect(reasonOf(driverError({ code: 'ETIMEDOUT', syscall: 'connect' }))).toBe('CONNECT_TIMEOUT');
    expect(reasonOf(driverError({ code: 'ETIMEDOUT', syscall: 'read' }))).toBe('CONNECTION_LOST');
  });

  it.each([null, undefined, 'ECONNREFUSED', new TypeError('canary'), driverError({ errno: 1062 })])(
    'is none for %o',
    (error) => {
      expect(reasonOf(error)).toBeNull();
    },
  );
});

import { isIP } from 'node:net';
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import { within } from '../../util/within.ts';
import { certificateFault, daysLeft } from '../certificate.ts';
import { tlsRequest } from '../handshake.ts';
import { type ProblemSubject, problem, reasonProblem } from '../problem.ts';
import type { StepResult } from '../step.ts';
import type { Greeted } from './greeting.ts';

/**
 * Goes on in TLS and looks at the certificate. The connection ends here in either case: nothing was sent on it but
 * the request for TLS.
 */
export async function checkTls(
  subject: ProblemSubject,
  { socket, tls }: Greeted,
  timeoutMs: number,
  now: Date,
): Promise<StepResult<true>> {
  const { host, port, tls: settings } = subject.database;
  try {
    if (!tls) {
      const problems = [reasonProblem(subject, 'TLS_NOT_OFFERED', `${host}:${port}`)];
      return { detail: 'none offered', problems };
    }
    socket.write(tlsRequest());
    const secure = connect({
      socket,
      ...(isIP(host) ? {} : { servername: host }),
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
      minVersion: 'TLSv1.2',
      // Judged below, so that the report can describe a refused certificate too.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const failure = await within(timeoutMs, handshake(secure), `no end in ${timeoutMs} ms`);
    if (failure !== undefined) {
      return { detail: 'failed', problems: [reasonProblem(subject, 'TLS_FAILED', failure)] };
    }
    return judge(subject, secure, now);
  } finally {
    socket.destroy();
  }
}

function handshake(secure: TLSSocket): Promise<string | undefined> {
  return new Promise((resolve) => {
    secure.once('secureConnect', () => resolve(undefined));
    secure.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'no code'));
    secure.once('close', () => resolve('the server hung up'));
  });
}

function judge(subject: ProblemSubject, secure: TLSSocket, now: Date): StepResult<true> {
  const { host, tls } = subject.database;
  const certificate = secure.getPeerX509Certificate();
  const protocol = secure.getProtocol() ?? 'TLS';
  if (certificate === undefined) {
    const problems = [reasonProblem(subject, 'TLS_FAILED', 'the server showed no certificate')];
    return { detail: protocol, problems };
  }
  const chainFault = secure.authorized ? undefined : String(secure.authorizationError);
  const hostFault =
    tls.mode === 'VERIFY_IDENTITY' && checkServerIdentity(host, certificate.toLegacyObject()) !== undefined;
  const { days, warning } = daysLeft(certificate.validToDate, now);
  const detail = `${protocol}, ${tls.mode}, ${days} days left`;
  const fault = certificateFault({ certificate, chainFault, hostFault });
  if (fault !== null) return { detail, problems: [reasonProblem(subject, ...fault)] };
  if (warning === undefined) return { detail, value: true };
  return { detail, value: true, problems: [problem(subject, 'TLS_CERT_EXPIRES_SOON', warning, 'warning')] };
}

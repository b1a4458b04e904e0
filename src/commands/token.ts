import { basename, join, resolve } from 'node:path';
import { administratorRole } from '../access/identity.ts';
import { signLocalToken, writePrivately } from '../access/local-token.ts';
import { localKeyFile } from '../config/groups/access.ts';
import { entities } from '../entities/index.ts';
import { declaredRules } from '../entities/roles.ts';
import type { CommandIo } from './command-io.ts';
import { terminalOn } from './terminal.ts';

interface TokenOptions {
  readonly role: string;
  readonly subject: string;
  readonly claim: Readonly<Record<string, unknown>>;
  readonly hours: number;
  readonly out: string;
  readonly print: boolean;
}

/**
 * `tandem token`: a token for the demo, which acts in one role. It goes into a file that its owner alone may read, and to
 * stdout only with `--print`: what a terminal or a log of CI has shown stays there.
 */
export async function tokenCommand(
  { role, subject, claim, hours, out, print }: TokenOptions,
  { stdout, stderr, localHome }: CommandIo,
): Promise<number> {
  const keyFile = localHome === undefined ? localKeyFile : join(localHome, basename(localKeyFile));
  const { say } = terminalOn(stderr);
  const roles = [administratorRole, ...Object.keys(declaredRules(entities).roles)];
  if (!roles.includes(role)) {
    say(`${role} is no role. Roles: ${roles.join(', ')}.`);
    return 1;
  }
  const token = await signLocalToken(resolve(keyFile), { role, subject, claims: claim, hours });
  if (print) stdout.write(`${token}\n`);
  else {
    await writePrivately(resolve(out), token);
    say(`A token for the role ${role}, valid for ${hours} hour(s), is in ${resolve(out)}.`);
  }
  return 0;
}

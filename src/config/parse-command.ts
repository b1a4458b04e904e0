/** A program that prints an account's password, such as a token that a cloud takes for an hour. */
export interface PasswordCommand {
  /** The program and its arguments; at least the program is there. */
  readonly argv: readonly [program: string, ...args: string[]];
  /** Milliseconds for which what it printed is used again; 0: it is run for each login. */
  readonly cacheMs: number;
}

/**
 * The words of a command. Quotation marks and backslashes are a shell's, and no shell runs: nothing is filled in, piped or
 * chained, as with RESTIC_PASSWORD_COMMAND, BORG_PASSCOMMAND and AWS's credential_process. Text that only a shell would
 * understand is refused rather than handed to the program as a word, which would fail later and elsewhere.
 */
export function readCommand(text: string): { argv: PasswordCommand['argv'] } | { problem: string } {
  const words: string[] = [];
  const token =
    /(?<space>\s+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<plain>[^\s'"\\]+)|(?<open>.)/gs;
  let word: string | undefined;
  for (const { groups = {} } of text.matchAll(token)) {
    const { space, single, double, escaped, plain, open } = groups;
    const sign = shellSign(plain, /[|&;<>()$`]/) ?? shellSign(double, /[$`]/);
    if (sign !== undefined)
      return { problem: `has a ${sign} that no shell reads: quote it, or run sh -c '…'` };
    if (open !== undefined) return { problem: `ends within a quotation that a ${open} began` };
    if (space === undefined) {
      word = (word ?? '') + (single ?? escaped ?? plain ?? double?.replace(/\\(["\\$`])/g, '$1') ?? '');
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  const [program = '', ...args] = words;
  if (program === '') return { problem: 'names no program' };
  if (/^\w+=/.test(program))
    return { problem: 'begins with a variable, which is a shell’s: put env before it' };
  return { argv: [program, ...args] };
}

/** The first sign of a shell's that is not escaped. */
function shellSign(text: string | undefined, signs: RegExp): string | undefined {
  return signs.exec(text?.replace(/\\./gs, '') ?? '')?.[0];
}

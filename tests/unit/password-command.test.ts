import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../src/config/parse-command.ts';

/** The words as a shell reads them, which fills in nothing where all is quoted as it should be. */
function wordsOfShell(text: string): string[] {
  const print = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
  const script = `exec "$NODE" --eval "$PRINT" -- ${text}`;
  const env = { NODE: process.execPath, PRINT: print };
  return JSON.parse(execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }));
}

describe('the words of a command', () => {
  it.each([
    'cat /run/secrets/db',
    '  az account get-access-token\t--query accessToken -o tsv ',
    `sh -c 'gcloud sql generate-login-token | tr -d "\\n"'`,
    `program "two words" 'and $HOME' "a \\"quote\\"" "\\$5" "back\\slash"`,
    `program one\\ word a"b"'c'd \\| \\' "" ''`,
    `program "line\nbreak"`,
    'program --resource=https://example.test/a?b=c#d {x} %y ~user [z]*',
    'программа пароль',
  ])('are a shell’s: %s', (text) => {
    expect(readCommand(text)).toEqual({ argv: wordsOfShell(text) });
  });

  it.each([
    ['az token | head -1', "has a | that no shell reads: quote it, or run sh -c '…'"],
    ['a; b', "has a ; that no shell reads: quote it, or run sh -c '…'"],
    ['cat $HOME/password', "has a $ that no shell reads: quote it, or run sh -c '…'"],
    ['cat "$HOME/password"', "has a $ that no shell reads: quote it, or run sh -c '…'"],
    ['echo `id`', "has a ` that no shell reads: quote it, or run sh -c '…'"],
    ['token > /tmp/log', "has a > that no shell reads: quote it, or run sh -c '…'"],
    ["cat 'file", "ends within a quotation that a ' began"],
    ['cat "file', 'ends within a quotation that a " began'],
    ['cat file\\', 'ends within a quotation that a \\ began'],
    ['  ', 'names no program'],
    ["'' x", 'names no program'],
    ['TOKEN=x program', 'begins with a variable, which is a shell’s: put env before it'],
  ])('are refused where only a shell would understand them: %s', (text, problem) => {
    expect(readCommand(text)).toEqual({ problem });
  });
});

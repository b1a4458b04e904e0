import { readFileSync } from 'node:fs';

/**
 * The commands of a program in the shell blocks of a page, each as one line: continued lines are joined; pipes, substitutions and
 * comments around them are left out.
 */
export function commandsOf(page: string, program: string): string[] {
  const text = readFileSync(page, 'utf8');
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
  // Those within a sentence.
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n')), ...inline]
    .flatMap((line) => line.split(/\s&&\s|\s\|\s|\$\(/))
    .map((line) => line.trim().replace(/\s+#\s.*$/, ''))
    .filter((line) => line.startsWith(`${program} `))
    .map((line) => line.replace(/\)"?$/, ''));
}

/** A command's words as a shell has them, for commands without substitutions; variables stay as they are written. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''));
}

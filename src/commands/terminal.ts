import { styleText } from 'node:util';

/** What is said to the person at the terminal goes to stderr; stdout carries results only. */
export function say(line = ''): void {
  process.stderr.write(`${line}\n`);
}

/** Colours only where stderr is a terminal and NO_COLOR is not set. */
export function style(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stderr });
}

/** A line `label  text`, the labels in one column. */
export function sayAbout(label: string, text: string): void {
  say(`  ${style('dim', label.padEnd(11))} ${text}`);
}

/** One line that is rewritten in place on a terminal; elsewhere a line every few seconds. */
export function progressLine(label: string): { update(text: string): void; done(text: string): void } {
  const terminal = process.stderr.isTTY === true;
  let last = Date.now();
  return {
    update(text) {
      if (terminal) process.stderr.write(`\r\x1b[2K  ${style('dim', label.padEnd(11))} ${text}`);
      else if (Date.now() - last > 3000) {
        last = Date.now();
        sayAbout(label, text);
      }
    },
    done(text) {
      if (terminal) process.stderr.write('\r\x1b[2K');
      sayAbout(label, text);
    },
  };
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export const grouped = (count: number): string => count.toLocaleString('en-US');

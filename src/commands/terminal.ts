import { styleText } from 'node:util';
import type { Output } from './command-io.ts';

type Format = Parameters<typeof styleText>[0];

/** The messages of a command to the person at the terminal, on stderr: stdout carries results only. */
export interface Terminal {
  readonly say: (line?: string) => void;
  /** Colours only where the stream is a terminal and NO_COLOR is not set. */
  readonly style: (format: Format, text: string) => string;
  /** A line `label  text`, the labels in one column. */
  readonly sayAbout: (label: string, text: string) => void;
  readonly progressLine: (label: string) => ProgressLine;
}

/** One line that is rewritten in place on a terminal; elsewhere a line every few seconds. */
export interface ProgressLine {
  update(text: string): void;
  done(text: string): void;
}

export function terminalOn(stream: Output): Terminal {
  const say = (line = '') => void stream.write(`${line}\n`);
  const style = painterFor(stream);
  const labelled = (label: string, text: string) => `  ${style('dim', label.padEnd(11))} ${text}`;
  const sayAbout = (label: string, text: string) => say(labelled(label, text));
  const progressLine = (label: string): ProgressLine => {
    const terminal = stream.isTTY === true;
    let last = Date.now();
    return {
      update(text) {
        if (terminal) stream.write(`\r\x1b[2K${labelled(label, text)}`);
        else if (Date.now() - last > 3000) {
          last = Date.now();
          sayAbout(label, text);
        }
      },
      done(text) {
        if (terminal) stream.write('\r\x1b[2K');
        sayAbout(label, text);
      },
    };
  };
  return { say, style, sayAbout, progressLine };
}

/** Paints text for a stream, where that is a terminal. */
export function painterFor(stream: Output): (format: Format, text: string) => string {
  return (format, text) => styleText(format, text, { stream });
}

export const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

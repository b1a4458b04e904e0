import { terminalOn } from '../src/commands/terminal.ts';

export const terminal = terminalOn(process.stderr);
export const { say, style, progressLine } = terminal;

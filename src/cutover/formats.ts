import { unreachableForPrograms, unreachableLines } from '../errors/unreachable-source.ts';
import { type Paint, unpainted } from '../util/terminal-text.ts';
import type { CutoverReport, CutoverVerdict } from './check.ts';

const colours: Readonly<Record<CutoverVerdict, 'red' | 'yellow' | 'green'>> = {
  OK: 'green',
  ATTENTION: 'yellow',
  UNKNOWN: 'yellow',
  BLOCKED: 'red',
};

const conclusions = {
  OK: 'READY',
  ATTENTION: 'NOT READY until each point that needs attention is done',
  UNKNOWN: 'UNKNOWN: not all could be looked at. Do what Next names, then run the plan again',
  BLOCKED: 'NOT READY',
} as const;

/** For a person at a terminal; `paint` colours. */
export function cutoverAsText(
  { from, to, verdict, checks, unreachable }: CutoverReport,
  paint: Paint = unpainted,
): string {
  const lines = [paint('bold', `Cutover from ${from} to ${to}`)];
  for (const { subject, verdict: one, findings, next } of checks) {
    const [first, ...more] = findings;
    lines.push(`${paint(colours[one], one.padEnd(9))}  ${subject.padEnd(19)}  ${first ?? ''}`);
    for (const finding of more) lines.push(`${' '.repeat(32)}${finding}`);
    for (const command of next) lines.push(`${' '.repeat(32)}${paint('dim', `Next: ${command}`)}`);
  }
  lines.push(...unreachableLines(unreachable, paint));
  if (verdict !== null) lines.push(paint(colours[verdict], conclusions[verdict]));
  return `${lines.join('\n')}\n`;
}

export function cutoverAsJson(report: CutoverReport): string {
  const unreachable = unreachableForPrograms(report.unreachable);
  return `${JSON.stringify({ ...report, unreachable }, null, 2)}\n`;
}

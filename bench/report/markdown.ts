import { readFileSync, writeFileSync } from 'node:fs';
import type { Machine } from '../machine.ts';
import type { Options, SectionName } from '../options.ts';
import type { Report } from './report.ts';
import { markdownTable } from './table.ts';

const file = new URL('../../docs/performance.md', import.meta.url);

/**
 * Writes a section's figures into docs/performance.md, between its markers; what stands around them stays.
 * @throws Error where the markers are missing
 */
export function writeMarkdown(
  section: SectionName,
  report: Report,
  machine: Machine,
  options: Options,
): void {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- bench ${section} -->`, `<!-- /bench ${section} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no "${begin}" … "${end}"`);
  // The versions stand once on the page, in its first section.
  const run = describeRun(section, section === 'main' ? machine : { ...machine, versions: {} }, options);
  const parts = report.parts.filter(({ detail }) => detail !== true);
  const block = [run, ...parts.flatMap(partLines)].join('\n\n');
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`);
}

/** Sections whose processes have worked before. */
const aged: readonly SectionName[] = ['grid', 'profile'];

function describeRun(section: SectionName, machine: Machine, options: Options): string {
  const { rounds, seconds, connections, age } = options;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine.date}, ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB; Node ${machine.node},`,
    `MySQL ${machine.mysql}; ${machine.pinned}. Medians of ${rounds} rounds of ${seconds} s${aged.includes(section) ? ` after ${age} s of W11` : ''}, ${connections} clients`,
    `unless a table says otherwise.${versions.length === 0 ? '' : ` ${versions.join(', ')}.`}`,
  ].join('\n');
}

function partLines({ title, table, note }: Report['parts'][number]): string[] {
  return [`**${title}**`, markdownTable(table), ...(note === undefined ? [] : [note])];
}

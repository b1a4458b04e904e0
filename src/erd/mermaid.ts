import { type Diagram, type DiagramColumn, type Relation, words } from './diagram.ts';

/**
 * A diagram as Mermaid's text, which GitHub and most wikis draw.
 * https://mermaid.js.org/syntax/entityRelationshipDiagram.html
 */
export function asMermaid({ title, tables, relations }: Diagram): string {
  const ids = new Map(tables.map(({ name }, at) => [name.toLowerCase(), idOf(name, at)]));
  const id = (table: string) => ids.get(table.toLowerCase());
  const lines = tables.flatMap(({ name, columns, mark }) => [
    `  ${id(name)}${id(name) === name && mark === null ? '' : `[${quoted(name + words(mark))}]`} {`,
    ...columns.map((column) => `    ${attribute(column)}`),
    '  }',
  ]);
  const links = relations.map(
    (relation) =>
      `  ${id(relation.parent.table)} ${link(relation)} ${id(relation.child.table)} : ${quoted(relation.name + words(relation.mark))}`,
  );
  return `%% ${title}\nerDiagram\n${[...lines, ...links].map((line) => `${line}\n`).join('')}`;
}

const plain = /^[A-Za-z_]\w*$/;

// Words that the grammar reads as its own where a table is named, and where a column is:
// https://github.com/mermaid-js/mermaid/blob/develop/packages/mermaid/src/diagrams/er/parser/erDiagram.jison
const tableWords = /^(class|classdef|end|erdiagram|many|one|style|subgraph|to)$/i;
const columnWords = /^(fk|pk|uk)$/i;

/** A table's own name where the grammar takes it. No plain name has a hyphen, so none is taken twice. */
function idOf(name: string, at: number): string {
  return plain.test(name) && !tableWords.test(name) ? name : `table-${at + 1}`;
}

/** Type, name, keys, and in quotes what Mermaid's grammar has no place for, such as a second type. */
function attribute({ name, type, nullable, keys, mark }: DiagramColumn): string {
  const short = word(type.replace(/^(enum|set)\(.*$/s, '$1').replace(/ ≠ .*$/s, ''));
  const called = columnWords.test(name) ? `_${name}` : word(name);
  const notes = [
    called === name ? '' : name,
    short === type ? '' : type,
    nullable ? 'nullable' : '',
    words(mark).trim(),
  ].filter(Boolean);
  const parts = [short, called, keys.join(', '), notes.length > 0 ? quoted(notes.join(', ')) : ''];
  return parts.filter(Boolean).join(' ');
}

function word(text: string): string {
  const safe = text.replaceAll(/[^\w()]/g, '_');
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`;
}

/**
 * Names may hold whatever a name may hold in MySQL: nothing of it may end the text, become markup, or be one of the
 * things that Mermaid looks for within quotes, too: `%`, `~`, and "direction" before a space.
 */
function quoted(text: string): string {
  const safe = text.replaceAll(
    /[#%~"<>\\`\p{Cc}]|(?<=direction)\s/giu,
    (character) => `#${character.codePointAt(0)};`,
  );
  return `"${safe}"`;
}

function link({ parentCount, childCount }: Relation): string {
  return `${parentCount === 'one' ? '||' : '|o'}--${childCount === 'zero-or-one' ? 'o|' : 'o{'}`;
}

import type { Diagram, DiagramColumn, Mark, Relation } from './diagram.ts';

/**
 * A diagram as Mermaid's text, which GitHub and most wikis draw.
 * https://mermaid.js.org/syntax/entityRelationshipDiagram.html
 */
export function asMermaid({ title, tables, relations }: Diagram): string {
  const ids = new Map(tables.map(({ name }, at) => [name.toLowerCase(), idOf(name, at)]));
  const id = (table: string) => ids.get(table.toLowerCase());
  const lines = tables.flatMap(({ name, columns, mark }) => [
    `  ${id(name)}${label(name, mark)} {`,
    ...columns.map((column) => `    ${attribute(column)}`),
    '  }',
  ]);
  const links = relations.map(
    (relation) =>
      `  ${id(relation.parent.table)} ${link(relation)} ${id(relation.child.table)} : ${quoted(relation.name + words(relation.mark))}`,
  );
  return `%% ${title}\nerDiagram\n${[...lines, ...links].map((line) => `${line}\n`).join('')}`;
}

/** A mark, to be read without colours. */
export function words(mark: Mark | null): string {
  if (mark === null) return '';
  return mark === 'DIFFERS' ? ' (differs)' : ` (only ${mark})`;
}

const plain = /^[A-Za-z_]\w*$/;

function idOf(name: string, at: number): string {
  return plain.test(name) ? name : `table_${at + 1}`;
}

function label(name: string, mark: Mark | null): string {
  return plain.test(name) && mark === null ? '' : `[${quoted(name + words(mark))}]`;
}

/** Type, name, keys, and in quotes what Mermaid's grammar has no place for. */
function attribute({ name, type, nullable, keys, mark }: DiagramColumn): string {
  const short = word(type.replace(/^(enum|set)\(.*$/s, '$1'));
  const notes = [
    plain.test(name) ? '' : name,
    short === type ? '' : type,
    nullable ? 'nullable' : '',
    words(mark).trim(),
  ].filter(Boolean);
  const parts = [short, word(name), keys.join(', '), notes.length > 0 ? quoted(notes.join(', ')) : ''];
  return parts.filter(Boolean).join(' ');
}

function word(text: string): string {
  const safe = text.replaceAll(/[^\w()]/g, '_');
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`;
}

/** Names may hold whatever a name may hold in MySQL: nothing of it may end the text or become markup. */
function quoted(text: string): string {
  const safe = text.replaceAll(/[#"<>\\`\p{Cc}]/gu, (character) => `#${character.codePointAt(0)};`);
  return `"${safe}"`;
}

function link({ parentCount, childCount }: Relation): string {
  return `${parentCount === 'one' ? '||' : '|o'}--${childCount === 'zero-or-one' ? 'o|' : 'o{'}`;
}

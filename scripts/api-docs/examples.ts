import { Kind, parse } from 'graphql';

/** An operation that shows a field of Query or Mutation. */
export interface Example {
  /** The field that it shows. */
  readonly field: string;
  /** What it is about, where there is more to say than the field's description does. */
  readonly caption: string;
  readonly document: string;
}

/** An example as a file in docs/examples has it: named after its field, its caption in comments at the top. */
export function readExample(file: string, text: string): Example {
  const lines = text.trimEnd().split('\n');
  const start = lines.findIndex((line) => !line.startsWith('#'));
  return {
    field: file.split('.', 1)[0] as string,
    caption: lines
      .slice(0, start)
      .map((line) => line.replace(/^# ?/, ''))
      .join(' '),
    document: lines.slice(start).join('\n'),
  };
}

/** Whether an operation asks for a field at its top: the one that it is an example of. */
export function asksFor({ document, field }: Example): boolean {
  return parse(document).definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.selectionSet.selections.every(
        (selection) => selection.kind === Kind.FIELD && selection.name.value === field,
      ),
  );
}

/** An example and its answer, as two blocks of code. */
export function renderExample({ caption, document }: Example, data: unknown): string {
  const blocks = [`\`\`\`graphql\n${document}\n\`\`\``, `\`\`\`json\n${json({ data })}\n\`\`\``];
  return (caption === '' ? blocks : [caption, ...blocks]).join('\n\n');
}

/** JSON with whatever fits into a line on one; the outermost object never does. */
function json(value: unknown, indent = '', room = 0): string {
  const flat = oneLine(value);
  if (typeof value !== 'object' || value === null || flat.length <= room - indent.length) return flat;
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => json(item, inner, lineWidth))
    : Object.entries(value).map(([name, item]) => `"${name}": ${json(item, inner, lineWidth - name.length)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

const lineWidth = 96;

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, item]) => `"${name}": ${oneLine(item)}`)
    .join(', ')} }`;
}

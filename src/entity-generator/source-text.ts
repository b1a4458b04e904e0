/** A text as a literal of TypeScript, in single quotes where it has none. */
export function literal(value: string): string {
  const quoted = JSON.stringify(value);
  return value.includes("'") ? quoted : `'${quoted.slice(1, -1).replaceAll('\\"', '"')}'`;
}

const longest = 110;

/** `@Property({ type: 'date' })`; on several lines where one would be too long. `before` stands before the members. */
export function decorator(
  name: string,
  members: Readonly<Record<string, string>>,
  { before = '', indent = '  ' }: { readonly before?: string; readonly indent?: string } = {},
): string {
  const all = Object.entries(members).map(([member, value]) => `${member}: ${value}`);
  const line = `${indent}@${name}(${before}{ ${all.join(', ')} })`;
  if (line.length <= longest) return line;
  return `${indent}@${name}(${before}{\n${all.map((member) => `${indent}  ${member},`).join('\n')}\n${indent}})`;
}

/** One that stands above a class. */
export const classDecorator = (name: string, members: Readonly<Record<string, string>>) =>
  decorator(name, members, { indent: '' });

export const decoratorsModule = '@mikro-orm/decorators/legacy';

export const fieldText = (graphql: string, options: Readonly<Record<string, string>>) =>
  decorator('Field', options, { before: `() => ${graphql}, ` });

export const descriptionOf = (comment: string, otherwise: string) => comment.trim() || otherwise;

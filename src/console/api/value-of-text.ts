/** Types whose values are numbers of JSON. */
const numbers: ReadonlySet<string> = new Set(['Int', 'SafeInt', 'Float']);

/** What was typed, as a variable of its type has it. What is no number goes as it is, and the server says so. */
export function valueOfText(type: string | undefined, text: string): unknown {
  if (type === 'Boolean') return text !== 'false';
  const isNumber = type !== undefined && numbers.has(type) && text.trim() !== '';
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : text;
}

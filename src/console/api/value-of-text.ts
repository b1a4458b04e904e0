/** Types whose values are numbers of JSON. */
const numbers: ReadonlySet<string> = new Set(['Int', 'SafeInt', 'Float']);

/** A typed text as a variable of its type. The server refuses a text that is no number. */
export function valueOfText(type: string | undefined, text: string): unknown {
  if (type === 'Boolean') return text !== 'false';
  const isNumber = type !== undefined && numbers.has(type) && text.trim() !== '';
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : text;
}

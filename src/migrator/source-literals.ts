/**
 * The texts and numbers of a JavaScript or TypeScript file, in their order: strings, and the pieces of templates
 * between `${}`. They are the same in a source and in what a compiler makes of it, where spaces, quotation marks,
 * types and comments differ. It leaves out the names in `import`, and how an editor writes the ends of lines and the
 * beginning of the file.
 */
export function textsOf(source: string): string[] {
  const texts: string[] = [];
  const code = source
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/^import\b[^;]*;?$/gm, '');
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`|[{}]|(?<![\w$.])\d[\w.]*/g;
  /** Where a template goes on: the braces that are open at its `${`. */
  const templates: number[] = [];
  let open = 0;
  for (let match = token.exec(code); match !== null; match = token.exec(code)) {
    const [found] = match;
    if (found.startsWith('//') || found.startsWith('/*')) continue;
    if (found === '{') {
      open += 1;
    } else if (found === '}' && templates.at(-1) === open) {
      templates.pop();
      token.lastIndex = template(token.lastIndex);
    } else if (found === '}') {
      open -= 1;
    } else if (found === '`') {
      token.lastIndex = template(token.lastIndex);
    } else if (/^\d/.test(found)) {
      texts.push(String(Number(found.replaceAll('_', ''))));
    } else {
      texts.push(cooked(found.slice(1, -1)));
    }
  }
  return texts;

  /** Reads a piece of a template, and gives the place after it. */
  function template(from: number): number {
    const piece = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
    piece.lastIndex = from;
    const text = piece.exec(code)?.[0] ?? '';
    texts.push(cooked(text));
    const end = from + text.length;
    if (!code.startsWith('${', end)) return end + 1;
    templates.push(open);
    return end + 2;
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' };

function cooked(text: string): string {
  return text.replace(/\\([\s\S])/g, (_, character: string) => escapes[character] ?? character);
}

/** One place packages come from: an archive, its suites and the key that signs it. */
export interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
  signedBy: string | null;
}

/** Reads both spellings of /etc/apt: one-line `*.list` and deb822 `*.sources`. Source: sources.list(5). */
export function parseSources(text: string, style: 'list' | 'deb822'): AptSource[] {
  return style === 'list' ? text.split('\n').flatMap(parseLine) : text.split(/\n\s*\n/).flatMap(parseStanza);
}

function parseLine(line: string): AptSource[] {
  const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line.trim());
  if (!match) return [];
  const [, options = '', uri = '', suite = '', components = ''] = match;
  const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? null;
  return [{ uri, suites: [suite], components: words(components), signedBy }];
}

function parseStanza(stanza: string): AptSource[] {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of stanza.split('\n').filter((line) => !line.startsWith('#'))) {
    const match = /^([\w-]+):\s*(.*)$/.exec(line);
    if (match) name = match[1]?.toLowerCase() ?? '';
    if (name) fields.set(name, `${fields.get(name) ?? ''}\n${match ? (match[2] ?? '') : line.trim()}`.trim());
  }
  if (!words(fields.get('types')).includes('deb') || fields.get('enabled') === 'no') return [];
  return words(fields.get('uris')).map((uri) => ({
    uri,
    suites: words(fields.get('suites')),
    components: words(fields.get('components')),
    signedBy: keyring(fields.get('signed-by')),
  }));
}

/** A key can be written into the stanza itself; only a file can be named again. */
function keyring(value: string | undefined): string | null {
  return value?.startsWith('/') ? (words(value)[0] ?? null) : null;
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean);
}

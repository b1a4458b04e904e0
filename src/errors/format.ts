import type { SourceName } from '../source-name.ts';

/** Puts a source's name into a text of the catalogues: `{source}`, `{source:lower}`. */
export function about(text: string, source: SourceName | undefined): string {
  return text
    .replaceAll('{source:lower}', source?.toLowerCase() ?? 'the source')
    .replaceAll('{source}', source ?? 'the source');
}

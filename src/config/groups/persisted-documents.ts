import { type PersistedDocuments, readManifest } from '../../persisted-documents/manifest-format.ts';
import { fileOf, trueOrFalse } from '../kinds.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

export const persistedDocumentsSettings = settingsGroup({
  title: 'Persisted documents',
  page: 'http.md',
  prefix: 'PERSISTED_',
  settings: {
    documents: {
      variable: 'PERSISTED_DOCUMENTS',
      kind: fileOf('a manifest that `tandem persist` wrote', (content) => {
        const read = readManifest(content);
        return 'documents' in read ? { value: read.documents } : read;
      }),
      help: 'Manifest of the documents that clients may name by their ids; empty: none.',
    },
    only: {
      variable: 'PERSISTED_DOCUMENTS_ONLY',
      kind: trueOrFalse,
      default: 'false',
      help: 'true: the server runs no other document.',
    },
  },
  rules: [
    {
      variable: 'PERSISTED_DOCUMENTS_ONLY',
      needs: ['PERSISTED_DOCUMENTS_ONLY', 'PERSISTED_DOCUMENTS'],
      check: ({ documents, only }) =>
        only && documents === undefined
          ? {
              cause: 'needs PERSISTED_DOCUMENTS beside it',
              remedy: 'set that too, or leave this one empty',
            }
          : undefined,
    },
  ],
});

/** Undefined if clients may name no document by its id. */
export function toPersistedDocuments({
  documents,
  only,
}: ValuesOf<typeof persistedDocumentsSettings>): PersistedDocuments | undefined {
  return documents && { documents, only };
}

import type { IntrospectionQuery } from 'graphql';
import { useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../api/request.ts';
import { viewer } from '../viewer.ts';
import type { EditorHandle, OperationProblem } from './editor.ts';

const digestNow = () => `${viewer.value?.role} ${viewer.value?.schemaDigest}`;

/** Where an operation is written: with completion and with what is wrong, once its script has come; a plain field if it does not. */
export function OperationEditor({
  textNow,
  onText,
  run,
}: {
  /** The text of the address now: the address has a typed character at once, and a view that was drawn meanwhile does not. */
  readonly textNow: () => string;
  readonly onText: (text: string) => void;
  readonly run: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorHandle | null>(null);
  const [problems, setProblems] = useState<readonly OperationProblem[]>([]);
  const [state, setState] = useState<'loading' | 'ready' | 'plain'>('loading');
  const latest = useRef({ textNow, onText, run });
  latest.current = { textNow, onText, run };
  const text = textNow();

  useEffect(() => {
    let isGone = false;
    const open = async () => {
      try {
        const { openEditor } = await import('./editor.ts');
        if (isGone || place.current === null) return;
        editor.current = openEditor(place.current, {
          text: latest.current.textNow(),
          digest: digestNow(),
          introspect: async (query) => (await request<IntrospectionQuery, object>(query, {})).data,
          onText: (changed) => latest.current.onText(changed),
          onProblems: setProblems,
          run: () => latest.current.run(),
        });
        setState('ready');
      } catch {
        setState('plain');
      }
    };
    void open();
    return () => {
      isGone = true;
      editor.current?.close();
    };
  }, []);
  const digest = digestNow();
  useEffect(() => editor.current?.setSchema(digest), [digest]);
  useEffect(() => editor.current?.setText(latest.current.textNow()), [text]);

  return (
    <div class="operation-editor">
      <p class="field-name" aria-hidden="true">
        Operation <span class="hint">Ctrl+Space completes, Ctrl+Enter asks</span>
      </p>
      {state === 'plain' ? (
        <textarea
          class="code"
          aria-label="Operation"
          spellcheck={false}
          rows={16}
          value={text}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
          }}
        />
      ) : (
        <div ref={place} class="editor-place" aria-busy={state === 'loading'} />
      )}
      <div class="problems" role="status">
        {problems.slice(0, 4).map(({ line, message }) => (
          <p key={`${line} ${message}`}>
            <b>Line {line}</b> {message}
          </p>
        ))}
      </div>
    </div>
  );
}

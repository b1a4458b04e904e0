// A chunk of its own, which the view of operations loads: CodeMirror, with what it knows of GraphQL.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { forEachDiagnostic, lintKeymap, setDiagnosticsEffect } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { graphql, updateSchema } from 'cm6-graphql';
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
} from 'graphql';

/** The fault of an operation, and its line, from 1. */
export interface OperationProblem {
  readonly line: number;
  readonly message: string;
}

interface EditorOptions {
  readonly text: string;
  /** Which schema it is: another digest, another schema. */
  readonly digest: string;
  /** Asks the server for the schema. */
  introspect(query: string): Promise<IntrospectionQuery | null>;
  onText(text: string): void;
  onProblems(problems: readonly OperationProblem[]): void;
  run(): void;
}

export interface EditorHandle {
  /** Sets what is written, unless it is that already. */
  setText(text: string): void;
  /** Knows another schema from now on. */
  setSchema(digest: string): void;
  close(): void;
}

/**
 * An editor in a shadow root, where its styles are stylesheets of script: the page's policy refuses style elements.
 * Tab leaves it, as it leaves every field.
 */
export function openEditor(
  place: HTMLElement,
  { text, digest, introspect, onText, onProblems, run }: EditorOptions,
): EditorHandle {
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
  const runs = () => {
    run();
    return true;
  };
  const view = new EditorView({
    root,
    parent: root as unknown as Element,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        EditorView.lineWrapping,
        highlightActiveLine(),
        history(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        syntaxHighlighting(colours),
        theme,
        graphql(undefined, {}),
        EditorView.contentAttributes.of({
          'aria-label': 'Operation',
          spellcheck: 'false',
          // It has the focus, and what holds it scrolls: axe sees no content to be focused without.
          tabindex: '0',
        }),
        keymap.of([
          { key: 'Mod-Enter', run: runs },
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...historyKeymap,
          ...lintKeymap,
          ...defaultKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onText(update.state.doc.toString());
          const isChecked = update.transactions.some(({ effects }) =>
            effects.some((effect) => effect.is(setDiagnosticsEffect)),
          );
          if (isChecked) onProblems(problemsIn(update.state));
        }),
      ],
    }),
  });
  let isClosed = false;
  const setSchema = async (wanted: string) => {
    const schema = await schemaOf(wanted, introspect);
    if (schema !== null && !isClosed) updateSchema(view, schema);
  };
  void setSchema(digest);
  return {
    setSchema: (wanted) => void setSchema(wanted),
    setText(wanted) {
      const { doc } = view.state;
      if (doc.toString().trim() !== wanted.trim())
        view.dispatch({ changes: { from: 0, to: doc.length, insert: wanted } });
    },
    close() {
      isClosed = true;
      view.destroy();
    },
  };
}

function problemsIn(state: EditorState): OperationProblem[] {
  const problems: OperationProblem[] = [];
  forEachDiagnostic(state, ({ message }, from) => {
    problems.push({ line: state.doc.lineAt(from).number, message });
  });
  return problems;
}

let known: { readonly digest: string; readonly schema: Promise<GraphQLSchema | null> } | undefined;

/** A schema, asked for once. */
function schemaOf(digest: string, introspect: EditorOptions['introspect']): Promise<GraphQLSchema | null> {
  if (known?.digest !== digest) {
    const schema = introspect(getIntrospectionQuery()).then((answer) =>
      answer === null ? null : buildClientSchema(answer),
    );
    known = { digest, schema };
  }
  return known.schema;
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword], color: 'var(--link)', fontWeight: '600' },
  { tag: tags.propertyName, color: 'var(--text)' },
  { tag: [tags.variableName, tags.special(tags.name)], color: 'var(--gcp-text)' },
  { tag: [tags.string, tags.integer, tags.float, tags.bool, tags.null], color: 'var(--good)' },
  { tag: [tags.attributeName, tags.atom, tags.modifier], color: 'var(--azure-text)' },
  { tag: tags.lineComment, color: 'var(--soft)', fontStyle: 'italic' },
]);

/** The page's own colours: custom properties reach into a shadow root. */
const theme = EditorView.theme({
  '&': { backgroundColor: 'var(--card)', color: 'var(--text)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', minHeight: '180px', maxHeight: '60vh' },
  '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--card)', color: 'var(--soft)', border: '0' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--sunk) 55%, transparent)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--azure-soft)',
  },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--sunk)',
    outline: '1px solid var(--line-strong)',
  },
  // Its own underline is a picture out of data:, which the page's policy refuses.
  '.cm-lintRange-error, .cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad) 1px',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    backgroundColor: 'var(--card)',
    color: 'var(--text)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--azure-soft)',
    color: 'var(--text)',
  },
  '.cm-completionDetail': { color: 'var(--soft)', fontStyle: 'normal' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionInfo': { maxWidth: '360px', fontFamily: 'var(--sans)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
});

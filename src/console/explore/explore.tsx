import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { apiSchema } from '../api/schema.ts';
import { apiTables } from '../api/tables.ts';
import { route, setParams } from '../route.ts';
import { CloudName, clouds } from '../ui/cloud.tsx';
import { differingLines } from '../ui/differing-lines.ts';
import { NeedsSchema } from '../ui/needs-schema.tsx';
import { Choice, chosenOf } from '../ui/tabs.tsx';
import { examplesOf } from './examples.ts';
import { OperationEditor } from './operation-editor.tsx';
import { Past, remember } from './past-operations.tsx';
import { linesOf, OneReply } from './reply.tsx';
import { SchemaFields } from './schema-fields.tsx';
import { formOf, isMutation, needsSource, type Replies, send } from './send.ts';

/** Operations by hand: one with `$source` is answered by both clouds, side by side. */
export function Explore() {
  return (
    <NeedsSchema>
      <Operations />
    </NeedsSchema>
  );
}

/** Headers of the requests, such as keys: in the page's memory alone, and in no address. */
const headers = signal('');

function Operations() {
  const schema = apiSchema.value;
  const examples = schema === null ? [] : examplesOf(schema, apiTables.value);
  const { params } = route.value;
  const chosen = examples.find(({ name }) => name === params.example) ?? examples[0];
  const textNow = () => route.value.params.query ?? chosen?.text ?? '';
  const text = textNow();
  const variables = params.variables ?? chosen?.variables ?? '{}';
  const at = chosenOf('at', ['both', ...clouds]);
  const [replies, setReplies] = useState<Replies>({});
  const [problem, setProblem] = useState('');
  const [isRunning, setRunning] = useState(false);
  useEffect(() => setReplies({}), [params.example]);

  const run = async () => {
    const form = formOf(variables, headers.value);
    setProblem(form.problem);
    if (form.given === undefined || isRunning) return;
    setRunning(true);
    const asked = clouds.filter((cloud) => at === 'both' || at === cloud);
    const answers = await send(text, form.given, form.named, asked);
    setReplies(answers);
    const failed = Object.values(answers).some(({ answer }) => answer.errors.length > 0);
    remember({ at: Date.now(), query: text, variables, failed });
    setRunning(false);
  };

  return (
    <div class="explore">
      <section class="card editor" aria-label="What is asked">
        <div class="editor-bar">
          <label class="grow">
            <span>Example</span>
            <select
              value={chosen?.name}
              onChange={({ currentTarget }) =>
                setParams({ example: currentTarget.value, query: '', variables: '' })
              }
            >
              {examples.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          {needsSource(text) && (
            <Choice
              name="at"
              label="Which clouds are asked"
              options={[
                ['both', 'Both'],
                ...clouds.map((cloud) => [cloud, <CloudName key={cloud} cloud={cloud} />] as const),
              ]}
            />
          )}
          <button type="button" class="primary" disabled={isRunning} onClick={() => void run()}>
            {isMutation(text) ? 'Change' : 'Ask'} {needsSource(text) ? (at === 'both' ? 'both' : at) : ''}
          </button>
        </div>
        <OperationEditor
          textNow={textNow}
          // One that is empty would be the example again.
          onText={(query) => setParams({ query: query || '\n' }, { replace: true })}
          run={() => void run()}
        />
        <label>
          <span>
            Variables
            {needsSource(text) && (at === 'both' ? '; $source is each cloud in turn' : `; $source is ${at}`)}
          </span>
          <textarea
            class="code"
            spellcheck={false}
            rows={3}
            value={variables}
            onInput={({ currentTarget }) => setParams({ variables: currentTarget.value }, { replace: true })}
          />
        </label>
        {problem !== '' && (
          <p class="alarm" role="alert">
            {problem}
          </p>
        )}
        <details>
          <summary>
            <b>Headers</b> <span class="quiet">kept in the memory of this page alone</span>
          </summary>
          <label class="wide-field">
            <span>A line each</span>
            <textarea
              class="code"
              spellcheck={false}
              rows={2}
              value={headers.value}
              onInput={({ currentTarget }) => {
                headers.value = currentTarget.value;
              }}
            />
          </label>
        </details>
        <Past />
        {schema && <SchemaFields schema={schema} />}
      </section>
      <Answers replies={replies} isRunning={isRunning} />
    </div>
  );
}

function Answers({ replies, isRunning }: { readonly replies: Replies; readonly isRunning: boolean }) {
  const { AZURE, GCP, both } = replies;
  const differing = AZURE && GCP ? differingLines(linesOf(AZURE), linesOf(GCP)) : undefined;
  return (
    <section class="answers" aria-label="Answers" aria-busy={isRunning}>
      {both && <OneReply reply={both} />}
      {AZURE && <OneReply cloud="AZURE" reply={AZURE} differing={differing?.[0]} />}
      {GCP && <OneReply cloud="GCP" reply={GCP} differing={differing?.[1]} />}
      {Object.keys(replies).length === 0 && (
        <p class="card quiet">
          The answers of both clouds stand here side by side, with the lines marked that differ.
        </p>
      )}
    </section>
  );
}

import { useState } from 'preact/hooks';
import { type ApiAnswer, request } from '../api/request.ts';
import { apiSchema } from '../api/schema.ts';
import { apiTables } from '../api/tables.ts';
import { formatMs } from '../format.ts';
import { route, setParams } from '../route.ts';
import { type Cloud, CloudName, clouds } from '../ui/cloud.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { NeedsSchema } from '../ui/needs-schema.tsx';
import { Failure } from '../ui/notice.tsx';
import { examplesOf } from './examples.ts';
import { SchemaFields } from './schema-fields.tsx';

/** Operations by hand: one with `$source` is answered by both clouds, side by side. */
export function Explore() {
  return (
    <NeedsSchema>
      <Editor />
    </NeedsSchema>
  );
}

interface Reply {
  readonly ms: number;
  readonly answer: ApiAnswer<unknown>;
}

/** By cloud; `both` where the operation names its sources itself. */
type Replies = Readonly<Partial<Record<Cloud | 'both', Reply>>>;

function Editor() {
  const schema = apiSchema.value;
  const examples = schema === null ? [] : examplesOf(schema, apiTables.value);
  const { params } = route.value;
  const chosen = examples.find(({ name }) => name === params.example) ?? examples[0];
  const text = params.query ?? chosen?.text ?? '';
  const variables = params.variables ?? chosen?.variables ?? '{}';
  const [replies, setReplies] = useState<Replies>({});
  const [problem, setProblem] = useState('');
  const [isRunning, setRunning] = useState(false);

  const run = async () => {
    const given = objectIn(variables);
    setProblem(given === null ? 'The variables are no JSON object.' : '');
    if (given === null) return;
    setRunning(true);
    const asked = async (extra: object): Promise<Reply> => {
      const started = performance.now();
      const answer = await request<unknown, object>(text, { ...given, ...extra });
      return { ms: performance.now() - started, answer };
    };
    if (needsSource(text)) {
      const both = await Promise.all(
        clouds.map(async (source) => [source, await asked({ source })] as const),
      );
      setReplies(Object.fromEntries(both));
    } else {
      setReplies({ both: await asked({}) });
    }
    setRunning(false);
  };

  return (
    <div class="explore">
      <section class="card editor" aria-label="Operation">
        <div class="editor-bar">
          <label class="grow">
            <span>Example</span>
            <select
              value={chosen?.name}
              onChange={({ currentTarget }) => {
                setReplies({});
                setParams({ example: currentTarget.value, query: '', variables: '' });
              }}
            >
              {examples.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <button
            type="button"
            class="primary"
            disabled={isRunning}
            onClick={() => void run()}
            title="Ctrl+Enter"
          >
            {needsSource(text) ? 'Ask both clouds' : 'Ask'}
          </button>
        </div>
        <label>
          <span>Operation</span>
          <textarea
            class="code operation"
            spellcheck={false}
            rows={Math.min(24, Math.max(8, text.split('\n').length + 1))}
            value={text}
            onInput={({ currentTarget }) => setParams({ query: currentTarget.value }, { replace: true })}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
            }}
          />
        </label>
        <label>
          <span>Variables{needsSource(text) ? '; $source is both clouds in turn' : ''}</span>
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
        {schema && <SchemaFields schema={schema} />}
      </section>
      <section class="answers" aria-label="Answers" aria-busy={isRunning}>
        {replies.both && <OneReply reply={replies.both} />}
        {clouds.map(
          (cloud) =>
            replies[cloud] && (
              <OneReply
                key={cloud}
                cloud={cloud}
                reply={replies[cloud]}
                other={replies[cloud === 'AZURE' ? 'GCP' : 'AZURE']}
              />
            ),
        )}
        {Object.keys(replies).length === 0 && (
          <p class="card quiet">
            The answers of both clouds stand here side by side, with the lines marked that differ. Ctrl+Enter
            asks.
          </p>
        )}
      </section>
    </div>
  );
}

const needsSource = (text: string) => /\$source\s*:/.test(text);

function objectIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Lines that are long enough for a person; the rest is to be copied. */
const mostLines = 2000;

const linesOf = (reply: Reply | undefined) =>
  reply === undefined ? [] : JSON.stringify(reply.answer.data, null, 2).split('\n').slice(0, mostLines);

function OneReply({
  cloud,
  reply,
  other,
}: {
  readonly cloud?: Cloud;
  readonly reply: Reply;
  readonly other?: Reply | undefined;
}) {
  const lines = linesOf(reply);
  // Ids differ by their nature: they name the cloud.
  const others = new Set(linesOf(other));
  const differs = (line: string) => other !== undefined && !others.has(line) && !/^\s*"id": /.test(line);
  return (
    <section
      class={`card reply ${cloud?.toLowerCase() ?? ''}`}
      aria-label={`Answer${cloud ? ` of ${cloud}` : ''}`}
    >
      <header>
        <h2>{cloud ? <CloudName cloud={cloud} /> : 'Answer'}</h2>
        <p>
          <span class="quiet">{formatMs(reply.ms)} </span>
          <CopyButton text={JSON.stringify(reply.answer, null, 2)} />
        </p>
      </header>
      <Failure errors={reply.answer.errors} />
      {reply.answer.data !== null && (
        <div class="json" role="group" tabIndex={0} aria-label={`Data${cloud ? ` of ${cloud}` : ''}`}>
          <pre>
            {lines.map((line, at) => (
              <span key={at} class={differs(line) ? 'line differs' : 'line'}>
                {line}
                {'\n'}
              </span>
            ))}
          </pre>
        </div>
      )}
    </section>
  );
}

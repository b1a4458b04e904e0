import type { ApiAnswer } from '../api/request.ts';
import { formatMs } from '../format.ts';
import { type Cloud, CloudName } from '../ui/cloud.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Failure } from '../ui/notice.tsx';

/** An answer, and how long it took. */
export interface Reply {
  readonly ms: number;
  readonly answer: ApiAnswer<unknown>;
}

/** Lines that are long enough for a person; the rest is to be copied. */
const mostLines = 2000;

export const linesOf = (reply: Reply | undefined) =>
  reply === undefined ? [] : JSON.stringify(reply.answer.data, null, 2).split('\n').slice(0, mostLines);

/** An answer with the lines marked that the other cloud's has not. */
export function OneReply({
  cloud,
  reply,
  differing,
}: {
  readonly cloud?: Cloud;
  readonly reply: Reply;
  readonly differing?: ReadonlySet<number> | undefined;
}) {
  const lines = linesOf(reply);
  // Ids and sources differ by their nature: they name the cloud.
  const differs = (at: number) =>
    differing?.has(at) === true && !/^\s*"(id|source)": /.test(lines[at] as string);
  const count = lines.filter((_, at) => differs(at)).length;
  return (
    <section
      class={`card reply ${cloud?.toLowerCase() ?? ''}`}
      aria-label={`Answer${cloud ? ` of ${cloud}` : ''}`}
    >
      <header>
        <h2>{cloud ? <CloudName cloud={cloud} /> : 'Answer'}</h2>
        <p>
          {differing && (
            <span class={`word ${count === 0 ? 'good' : 'bad'}`}>
              {count === 0 ? 'same' : `${count} ${count === 1 ? 'line differs' : 'lines differ'}`}
            </span>
          )}
          <span class="quiet">{formatMs(reply.ms)}</span>
          <CopyButton text={JSON.stringify(reply.answer, null, 2)} />
        </p>
      </header>
      <Failure errors={reply.answer.errors} />
      {reply.answer.data !== null && (
        <div class="json" role="group" tabIndex={0} aria-label={`Data${cloud ? ` of ${cloud}` : ''}`}>
          <pre>
            {lines.map((line, at) => (
              <span key={at} class={differs(at) ? 'line differs' : 'line'}>
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

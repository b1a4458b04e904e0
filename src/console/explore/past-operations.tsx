import { signal } from '@preact/signals';
import { formatClock, plural } from '../format.ts';
import { setParams } from '../route.ts';

/** An operation that was sent. */
interface PastOperation {
  readonly at: number;
  readonly query: string;
  readonly variables: string;
  readonly failed: boolean;
}

const mostKept = 30;

/** Operations sent since the page was opened, the latest first: in its memory alone, as they may name people. */
const past = signal<readonly PastOperation[]>([]);

export function remember(operation: PastOperation): void {
  const same = ({ query, variables }: PastOperation) =>
    query === operation.query && variables === operation.variables;
  past.value = [operation, ...past.value.filter((one) => !same(one))].slice(0, mostKept);
}

/** `query Patients($first: Int) …` in a line. */
const titleOf = (query: string) =>
  query
    .replace(/^\s*#.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120);

/** The operations sent, to be taken up again. */
export function Past() {
  if (past.value.length === 0) return null;
  return (
    <details class="past">
      <summary>
        <b>History</b> <span class="quiet">{plural(past.value.length, 'operation')} of this page</span>
      </summary>
      <ol>
        {past.value.map(({ at, query, variables, failed }) => (
          <li key={at}>
            <time class="quiet">{formatClock(at)}</time>
            <button type="button" class="plain clip" onClick={() => setParams({ query, variables })}>
              <code>{titleOf(query)}</code>
            </button>
            {failed && <span class="word bad">failed</span>}
          </li>
        ))}
      </ol>
    </details>
  );
}

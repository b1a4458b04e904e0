import { useState } from 'preact/hooks';
import { gql } from '../api/graphql.ts';
import { type ApiError, request } from '../api/request.ts';
import { route, setParams } from '../route.ts';
import { Failure } from '../ui/notice.tsx';
import { may } from '../viewer.ts';

const start = gql(`mutation StartParity($resume: Boolean!) { startParity(resume: $resume) { id } }`);
const cancel = gql(`mutation CancelParity($id: String!) { cancelParity(id: $id) { state } }`);

/** The button that was pressed is gone: the keyboard goes on from the question that took its place. */
const focused = (button: HTMLButtonElement | null) => button?.focus();

type Asked = 'start' | 'resume' | 'cancel' | null;

/** Starts a run, goes on with the last one, or cancels the one that goes on; each after one more question. */
export function RunControls({
  run,
  changed,
}: {
  readonly run: { readonly id: string; readonly state: string } | null;
  readonly changed: () => void;
}) {
  // The overview leads to the question itself, where there has been no run.
  const [asked, setState] = useState<Asked>(
    run === null && route.value.params.ask === 'start' ? 'start' : null,
  );
  const [isSending, setSending] = useState(false);
  const [errors, setErrors] = useState<readonly ApiError[]>([]);
  if (!may('parityRuns')) {
    return (
      <p class="quiet">
        Your role may read runs, and neither start nor cancel them: for this it needs the feature{' '}
        <code>parityRuns</code>.
      </p>
    );
  }
  const setAsked = (next: Asked) => {
    setState(next);
    if (next === null) setParams({ ask: '' }, { replace: true });
  };
  const send = async () => {
    setSending(true);
    const answer =
      asked === 'cancel'
        ? await request(cancel, { id: run?.id ?? '' })
        : await request(start, { resume: asked === 'resume' });
    setErrors(answer.errors);
    setSending(false);
    setAsked(null);
    changed();
  };
  const isRunning = run?.state === 'RUNNING';
  const canResume = run?.state === 'CANCELLED' || run?.state === 'ABORTED';
  return (
    <>
      <Failure errors={errors} />
      {asked === null ? (
        <p class="run-controls">
          {isRunning ? (
            <button type="button" onClick={() => setAsked('cancel')}>
              Cancel the run
            </button>
          ) : (
            <button type="button" class="primary" onClick={() => setAsked('start')}>
              Compare all rows
            </button>
          )}
          {canResume && (
            <button type="button" onClick={() => setAsked('resume')}>
              Go on with the last run
            </button>
          )}
        </p>
      ) : (
        <div
          class="run-controls confirm"
          role="group"
          aria-label="Confirmation"
          onKeyDown={({ key }) => {
            if (key === 'Escape') setAsked(null);
          }}
        >
          <p>
            {asked === 'cancel'
              ? 'Cancel it? What it has compared stays on record, and a run can go on from there.'
              : 'The server reads every row of both clouds, on connections beside the pool, and slows down while the clouds are busy. It changes no row.'}
          </p>
          <button
            ref={focused}
            type="button"
            class="primary"
            disabled={isSending}
            onClick={() => void send()}
          >
            {asked === 'cancel' ? 'Cancel it' : 'Start'}
          </button>
          <button type="button" disabled={isSending} onClick={() => setAsked(null)}>
            Not now
          </button>
        </div>
      )}
    </>
  );
}

import { useEffect, useRef } from 'preact/hooks';
import { formatAgo, formatMoment, plural } from '../format.ts';
import { hrefOf, type Route, type View } from '../route.ts';
import { type Cloud, clouds } from '../ui/cloud.tsx';
import { Failure, Forbidden } from '../ui/notice.tsx';
import type { Resource } from '../use-resource.ts';
import { useResource } from '../use-resource.ts';
import { may } from '../viewer.ts';
import {
  askActivity,
  askStates,
  type CountedErrors,
  history,
  isLatencyKnown,
  latencyOf,
  type Status,
  statesEvery,
} from './activity.ts';
import { CloudCard, sampleSeconds } from './cloud-card.tsx';
import { useDriftWord, useParityWord } from './drift-and-parity.ts';
import { Errors } from './errors.tsx';

/** Both clouds at a glance. */
export function Overview() {
  const enabled = may('sources');
  const activity = useResource('activity', askActivity, { every: 2000, enabled });
  const states = useResource('states', askStates, {
    every: statesEvery,
    enabled,
    remembers: true,
  });
  const failed = sumOf(activity.data ?? []);
  const before = useRef(failed);
  useEffect(() => {
    // A new error may be of a cloud that is down. The first answer has those of before.
    if (activity.at !== null && failed > before.current) states.reload();
    before.current = failed;
  }, [failed]);
  if (!enabled) return <Forbidden feature="sources" what="the state of the clouds" />;
  const sources = states.data ?? [];
  const statusOf = (cloud: Cloud) => sources.find(({ source }) => source === cloud);
  const busiest = Math.max(
    1,
    ...clouds.flatMap((cloud) => history.value[cloud].map(({ statements }) => statements / sampleSeconds)),
  );
  const errors = [...states.errors, ...activity.errors];
  return (
    <>
      <Failure errors={errors} retry={states.reload} />
      {(states.data !== null || errors.length === 0) && (
        <div class="pair">
          {clouds.map((cloud) => (
            <CloudCard
              key={cloud}
              cloud={cloud}
              status={statusOf(cloud)}
              lastAt={states.errors.length > 0 ? states.at : null}
              samples={history.value[cloud]}
              busiest={busiest}
              slower={slower(statusOf(cloud), statusOf(cloud === 'AZURE' ? 'GCP' : 'AZURE'))}
            />
          ))}
        </div>
      )}
      <Words sources={states.errors.length > 0 ? [] : sources} isLost={states.errors.length > 0} />
      <Errors errors={activity.data ?? []} />
    </>
  );
}

const sumOf = (errors: readonly CountedErrors[]) => errors.reduce((sum, { count }) => sum + count, 0);

/** How many times slower one answers, where that is more than noise. */
function slower(one: Status | undefined, other: Status | undefined): number | null {
  const [a, b] = [one && latencyOf(one), other && latencyOf(other)];
  if (!isLatencyKnown() || a == null || b == null || a < b * 2 || a - b < 5) return null;
  return a / Math.max(b, 0.1);
}

interface Word {
  readonly word: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet';
  readonly detail: string;
}

/** Whether both are the same, in one word each that opens its list. */
function Words({
  sources,
  isLost,
}: {
  readonly sources: readonly Status[];
  /** Whether the server gives no answer any more. */
  readonly isLost: boolean;
}) {
  const drift = useDriftWord();
  const parity = useParityWord();
  const rows = may('parity') ? parityWord(parity) : refused;
  return (
    <nav class="words" aria-label="Are both clouds the same?">
      <WordLink view="schema" name="Schema" word={may('drift') ? driftWord(drift) : refused} />
      <WordLink view="parity" name="Rows" word={rows} params={rows === never ? { ask: 'start' } : {}} />
      <WordLink view="migrations" name="Migrations" word={isLost ? lost : levelWord(sources)} />
    </nav>
  );
}

const refused: Word = { word: 'Hidden', tone: 'quiet', detail: 'not for your role' };
const waiting: Word = { word: '…', tone: 'quiet', detail: 'asking both' };
const lost: Word = { word: 'Unknown', tone: 'quiet', detail: 'the server does not answer' };
const never: Word = { word: 'Never', tone: 'quiet', detail: 'not compared yet: to be started' };
const unknown: Word = { word: 'Unknown', tone: 'warn', detail: 'a cloud does not answer' };

function WordLink({
  view,
  name,
  word,
  params = {},
}: {
  readonly view: View;
  readonly name: string;
  readonly word: Word;
  readonly params?: Route['params'];
}) {
  return (
    <a class="card word-link" href={hrefOf(view, params)}>
      <span>{name}</span>
      <strong class={`word ${word.tone}`}>{word.word}</strong>
      <small>{word.detail}</small>
    </a>
  );
}

function driftWord({ data, isLoading }: ReturnType<typeof useDriftWord>): Word {
  if (isLoading) return waiting;
  const { sources, azure, gcp } = data?.drift ?? {};
  if (!sources) return unknown;
  const all = [sources, azure, gcp].flatMap((comparison) => comparison?.findings ?? []);
  if (all.length === 0) return { word: 'Same', tone: 'good', detail: 'both clouds and the entities' };
  const between = sources.findings.length;
  const breaking = all.some((finding) => finding.breaking);
  const detail = between === 0 ? 'from the entities' : `${plural(between, 'finding')} between the clouds`;
  return { word: 'Drift', tone: breaking ? 'bad' : 'warn', detail };
}

function parityWord({ data, errors, isLoading }: Resource<{ parity: ParityRun | null }>): Word {
  if (isLoading) return waiting;
  // Where the record cannot be read, nothing is known of a run.
  if (!data?.parity && errors.length > 0) return unknown;
  if (data === null) return unknown;
  const run = data.parity;
  if (run === null) return never;
  const at = run.endedAt ?? run.seenAt;
  if (run.state === 'RUNNING')
    return { word: 'Running', tone: 'quiet', detail: `since ${formatMoment(run.startedAt)}` };
  const rows = run.tables.reduce((sum, table) => sum + table.different + table.onlyAzure + table.onlyGcp, 0);
  if (run.verdict === 'SAME') return { word: 'Same', tone: 'good', detail: `compared ${formatAgo(at)}` };
  if (run.verdict === 'PARTIAL')
    return { word: 'Partial', tone: 'warn', detail: `compared ${formatAgo(at)}` };
  return { word: 'Different', tone: 'bad', detail: `${plural(rows, 'row')}, ${formatAgo(at)}` };
}

type ParityRun = NonNullable<NonNullable<ReturnType<typeof useParityWord>['data']>['parity']>;

function levelWord(sources: readonly Status[]): Word {
  const [azure, gcp] = clouds.map((cloud) => sources.find(({ source }) => source === cloud));
  if (azure === undefined || gcp === undefined) return waiting;
  if (azure.state === 'DOWN' || gcp.state === 'DOWN') return unknown;
  if (azure.migration !== gcp.migration)
    return { word: 'Uneven', tone: 'bad', detail: 'the clouds stand at different migrations' };
  return {
    word: 'Even',
    tone: 'good',
    detail: azure.migration === null ? 'none has run' : 'both at the same one',
  };
}

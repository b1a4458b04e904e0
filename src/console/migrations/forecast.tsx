import { formatCount, plural } from '../format.ts';
import { CloudName } from '../ui/cloud.tsx';
import { isOne, type OfCloud, type OneMigration } from './histories.ts';

/** The forecast of each cloud where the migration is pending: a single one where they agree. */
export function Forecasts({ pending }: { readonly pending: readonly OfCloud[] }) {
  const [one] = pending;
  if (one && pending.length > 1 && isOne(pending, ({ impacts, findings }) => [impacts, findings])) {
    return <Forecast migration={one.migration} />;
  }
  return (
    <>
      {pending.map(({ cloud, migration }) => (
        <div key={cloud}>
          <h3>
            <CloudName cloud={cloud} />
          </h3>
          <Forecast migration={migration} />
        </div>
      ))}
    </>
  );
}

/** The impacts of a migration, and the findings of the lint. */
export function Forecast({ migration: { findings, impacts, state } }: { readonly migration: OneMigration }) {
  return (
    <>
      {impacts.length > 0 && (
        <ul class="impacts">
          {impacts.map((impact) => (
            <li key={`${impact.statement} ${impact.table}`}>
              <Impact impact={impact} />
            </li>
          ))}
        </ul>
      )}
      {findings.map(({ rule, severity, statement, object, message, safer }) => (
        <p key={`${rule} ${statement} ${object}`} class="lint">
          <span class={`word ${severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'quiet'}`}>
            {severity}
          </span>{' '}
          <code>{rule}</code> {statement > 0 && `statement ${statement}, `}
          {object}: {message} <span class="quiet">{safer}</span>
        </p>
      ))}
      {state !== 'APPLIED' && findings.length === 0 && <p class="quiet">The lint has found nothing.</p>}
    </>
  );
}

/** The algorithm of a statement, and whether writes wait meanwhile. */
function Impact({ impact }: { readonly impact: OneMigration['impacts'][number] }) {
  const { statement, table, rows, algorithm, lock, rebuilds, certain } = impact;
  return (
    <>
      <span class={`word ${lock === 'NONE' ? 'good' : 'bad'}`}>
        {lock === 'NONE' ? 'no lock' : 'writes wait'}
      </span>{' '}
      Statement {statement} changes <code>{table}</code>
      {rows !== null && ` (${plural(rows, 'row').replace(/^\d+/, formatCount(rows))})`} by {algorithm}
      {rebuilds ? ', which writes each row anew' : ''}:{' '}
      {lock === 'NONE' ? 'reads and writes go on' : 'writes wait until it is done'}.
      {!certain && ' The old definition is not known; this is the worst case.'}
    </>
  );
}

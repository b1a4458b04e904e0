import { plural } from '../format.ts';
import { hrefOf } from '../route.ts';
import { Breakable } from '../ui/breakable.tsx';
import { type Cloud, CloudName, clouds } from '../ui/cloud.tsx';
import { CodeBlock, CopyButton } from '../ui/copy.tsx';
import { Failure, Forbidden, Notice, Skeleton } from '../ui/notice.tsx';
import { Choice, chosenOf } from '../ui/tabs.tsx';
import { may } from '../viewer.ts';
import { SchemaDiagram } from './diagram.tsx';
import { type DriftComparisonReport, type DriftEntry, useDrift } from './schema-resources.ts';

const shows = ['both', 'AZURE', 'GCP'] as const;
const comparisons = ['sources', 'azure', 'gcp'] as const;

/** The tables of each cloud, both laid over each other, and what differs. */
export function Schema() {
  const show = chosenOf('show', shows);
  const compare = show === 'both';
  const source: Cloud = show === 'GCP' ? 'GCP' : 'AZURE';
  return (
    <div class="schema">
      <section class="card" aria-labelledby="diagram-title">
        <header>
          <h2 id="diagram-title">Tables</h2>
          <Choice
            name="show"
            label="Which cloud is drawn"
            options={[
              ['both', 'Both, laid over'],
              ...clouds.map((cloud) => [cloud, <CloudName key={cloud} cloud={cloud} />] as const),
            ]}
          />
        </header>
        <SchemaDiagram key={show} source={source} compare={compare} />
      </section>
      <Findings />
    </div>
  );
}

function Findings() {
  const drift = useDrift();
  const against = chosenOf('against', comparisons) as (typeof comparisons)[number];
  if (!may('drift')) return <Forbidden feature="drift" what="drift" />;
  const report = drift.data?.drift?.[against] ?? null;
  const count = (name: (typeof comparisons)[number]) => drift.data?.drift?.[name]?.findings.length;
  const label = (text: string, name: (typeof comparisons)[number]) =>
    `${text}${count(name) === undefined ? '' : ` ${count(name)}`}`;
  return (
    <section class="card findings" aria-labelledby="findings-title">
      <header>
        <h2 id="findings-title">Drift</h2>
        <Choice
          name="against"
          label="What is compared"
          options={[
            ['sources', label('Both clouds', 'sources')],
            ['azure', label('AZURE', 'azure')],
            ['gcp', label('GCP', 'gcp')],
          ]}
        />
      </header>
      <Failure errors={drift.errors} retry={drift.reload} />
      {drift.isLoading && <Skeleton lines={8} />}
      <p class="quiet">
        {against === 'sources'
          ? 'AZURE beside GCP.'
          : `The entities and migrations of this build beside ${against.toUpperCase()}.`}
      </p>
      {report && <Report report={report} />}
      {!drift.isLoading && (
        <p>
          <button type="button" onClick={drift.reload}>
            Compare again
          </button>
        </p>
      )}
    </section>
  );
}

function Report({ report }: { readonly report: DriftComparisonReport }) {
  const { left, right, findings, plan, notVisible, notManaged } = report;
  const names = left === 'ENTITIES' ? 'the entities' : left;
  if (findings.length === 0) {
    return (
      <Notice kind="empty" title="No drift">
        <p>
          {right} has what {names} {left === 'ENTITIES' ? 'ask' : 'has'}.
          {notVisible.length > 0 &&
            ` Not compared: ${notVisible.join(', ').toLowerCase()}, which the account may not see.`}
        </p>
      </Notice>
    );
  }
  const breaking = findings.filter((finding) => finding.breaking).length;
  return (
    <>
      <p>
        {plural(findings.length, 'finding')}, <b class={breaking > 0 ? 'alarm' : ''}>{breaking} breaking</b>.{' '}
        {names} is taken for right; the statements change {right}.
      </p>
      <ul class="finding-list">
        {findings.map((finding) => (
          <Finding
            key={`${finding.kind} ${finding.object} ${finding.property}`}
            finding={finding}
            report={report}
          />
        ))}
      </ul>
      {notManaged.length > 0 && <p class="quiet">No entity names {notManaged.join(', ')}.</p>}
      {plan.notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
      {plan.statements.length > 0 && (
        <p>
          <CopyButton text={sqlOf(plan.statements)} what={`Copy all ${plan.statements.length} statements`} />
        </p>
      )}
    </>
  );
}

/** A script: some statements end with their own semicolon. */
const sqlOf = (statements: readonly string[]) =>
  statements.map((one) => `${one.replace(/;\s*$/, '')};\n`).join('');

function Finding({
  finding,
  report,
}: {
  readonly finding: DriftEntry;
  readonly report: DriftComparisonReport;
}) {
  const { kind, object, property, left, right, breaking, statements, losesData } = finding;
  return (
    <li>
      <details>
        <summary>
          <code>
            <Breakable name={object} />
          </code>
          <span class="quiet">
            {kind.toLowerCase().replaceAll('_', ' ')}, {property}
          </span>
          {breaking && <span class="word bad">breaking</span>}
          {losesData && <span class="word bad">loses data</span>}
        </summary>
        <dl class="sides">
          <dt>{report.left}</dt>
          <dd>{left ?? <i class="null">nothing</i>}</dd>
          <dt>{report.right}</dt>
          <dd>{right ?? <i class="null">nothing</i>}</dd>
        </dl>
        {statements.length === 0 ? (
          <p class="quiet">
            {kind === 'MIGRATION' ? (
              <>
                <a href={hrefOf('migrations')}>Migrations</a> shows what it does; <code>tandem migrate</code>{' '}
                applies it.
              </>
            ) : (
              'No SQL mends it.'
            )}
          </p>
        ) : (
          <CodeBlock text={sqlOf(statements)} label={`Statements for ${object}`} />
        )}
      </details>
    </li>
  );
}

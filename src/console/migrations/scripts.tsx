import { CodeBlock } from '../ui/copy.tsx';
import type { OneMigration } from './histories.ts';

/** The statements of a migration, up and down. */
export function Scripts({
  migration: { up, down },
  Heading,
}: {
  readonly migration: OneMigration;
  /** One level below the heading before it. */
  readonly Heading: 'h3' | 'h4';
}) {
  return (
    <>
      <Heading class="script">Up</Heading>
      {up === null ? (
        <p class="quiet">Only the run can tell its statements.</p>
      ) : (
        <Sql statements={up} label="Statements of up" />
      )}
      <Heading class="script">Down</Heading>
      {down === null ? (
        <p class="quiet">Nothing takes it back.</p>
      ) : (
        <Sql statements={down} label="Statements of down" />
      )}
    </>
  );
}

function Sql({ statements, label }: { readonly statements: readonly string[]; readonly label: string }) {
  if (statements.length === 0) return <p class="quiet">No statement on a database without rows.</p>;
  return (
    <CodeBlock text={statements.map((one) => `${one.replace(/;\s*$/, '')};`).join('\n')} label={label} />
  );
}

import type { ViewModel } from '../information-schema/model.ts';
import { type Compared, comparing, existence, yesNo } from './compared.ts';
import { quoted } from './ddl.ts';
import { createView } from './ddl-programs.ts';
import { tokens } from './expression.ts';
import type { Finding } from './finding.ts';
import { pairsOf } from './pairs.ts';

export function compareViews(
  left: readonly ViewModel[],
  right: readonly ViewModel[],
  { fold }: Compared,
): Finding[] {
  const { both, leftOnly, rightOnly } = pairsOf(left, right, ({ name }) => name, fold);
  return [
    ...leftOnly.map((view) =>
      existence('VIEW', view.name, 'left', 'a view', { statements: createView(view) }),
    ),
    ...rightOnly.map((view) =>
      existence('VIEW', view.name, 'right', 'a view', { statements: [`drop view ${quoted(view.name)}`] }),
    ),
    ...both.flatMap(([one, other]) => {
      const statements = createView(
        { ...one, name: other.name },
        { materialized: !one.updatable && other.updatable },
      );
      const text = (definition: string | null) => fold(tokens(definition ?? '').join(' '));
      const same =
        one.definition === null ||
        other.definition === null ||
        text(one.definition) === text(other.definition);
      const differs = comparing('VIEW', other.name, { statements });
      return [
        ...differs('definition', [one.definition, other.definition], { same }),
        ...differs('security', [one.security, other.security]),
        ...differs('check option', [one.checkOption, other.checkOption]),
        // It follows from the definition.
        ...differs('updatable', [yesNo(one.updatable), yesNo(other.updatable)], {
          same: !same || one.updatable === other.updatable,
        }),
      ];
    }),
  ];
}

import type { ViewModel } from '../information-schema/model.ts';
import { tokens } from '../sql/expression.ts';
import type { Difference } from './finding.ts';
import { alone, type Compared, comparing, existence, yesNo } from './finding-builder.ts';
import { pairsOf } from './match-by-name.ts';

export function compareViews(
  left: readonly ViewModel[],
  right: readonly ViewModel[],
  { fold }: Compared,
): Difference[] {
  const { both, leftOnly, rightOnly } = pairsOf(left, right, ({ name }) => name, fold);
  const of = ({ name }: ViewModel) => alone('VIEW', name);
  return [
    ...leftOnly.map((view) => existence(of(view), 'left', 'a view')),
    ...rightOnly.map((view) => existence(of(view), 'right', 'a view')),
    ...both.flatMap(([one, other]) => {
      const text = (definition: string | null) => tokens(definition ?? '', { fold }).join(' ');
      const same =
        one.definition === null ||
        other.definition === null ||
        text(one.definition) === text(other.definition);
      const differs = comparing(of(other));
      const [names, others] = [one.columns.join(', '), other.columns.join(', ')];
      return [
        ...differs('definition', [one.definition, other.definition], { same }),
        // They follow from the definition, unless CREATE VIEW names them.
        ...differs('columns', [names, others], { same: !same || names === others }),
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

import type { TableModel } from '../../information-schema/model.ts';
import type { PlanStep } from './step.ts';

/** Whether a column begins with a date that no calendar has: a server of today refuses each ALTER of such a table (1067). */
export function hasZeroDates({ columns }: TableModel): boolean {
  return columns.some(
    ({ type, default: initial }) =>
      /^(date|datetime|timestamp)\b/.test(type) &&
      initial !== null &&
      !initial.expression &&
      /^(0000-|\d{4}-00-|\d{4}-\d\d-00)/.test(initial.value),
  );
}

/** MySQL's default without NO_ZERO_DATE and NO_ZERO_IN_DATE. */
const allowed = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/** The steps in a session that takes zero dates. https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html#sqlmode_no_zero_date */
export function allowingZeroDates(steps: readonly PlanStep[]): PlanStep[] {
  const [first] = steps;
  if (first === undefined) return [];
  const mends = steps.flatMap((step) => step.mends);
  return [{ sql: `set sql_mode = '${allowed}'`, mends }, ...steps, { sql: 'set sql_mode = default', mends }];
}

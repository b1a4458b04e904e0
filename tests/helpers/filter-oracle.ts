/**
 * Answers filters and orders in memory, over plain objects, by the rules that docs and schema promise: SQL's
 * three-valued logic, text without regard to case and accents. Written apart from src/reads on purpose.
 */
export type Row = { readonly [field: string]: unknown };
export type Truth = true | false | null;

/** Related rows of a row: one for a to-one relation, a list for a to-many one. */
export type Relations = (row: Row, field: string) => Row | readonly Row[] | undefined;

/** The order of two values that are not null. */
export type Compare = (a: unknown, b: unknown) => number;
/** How the values of a row's column are compared. */
export type ComparesOf = (row: Row, field: string) => Compare;

const collator = new Intl.Collator('und', { sensitivity: 'base', ignorePunctuation: false });

export function compareValues(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

export function holds(
  row: Row,
  where: Row,
  relations: Relations,
  comparesOf: ComparesOf = () => compareValues,
): Truth {
  return and(
    Object.entries(where).map(([field, operand]): Truth => {
      const parts = operand as readonly Row[];
      if (field === 'and') return and(parts.map((part) => holds(row, part, relations, comparesOf)));
      if (field === 'or') return or(parts.map((part) => holds(row, part, relations, comparesOf)));
      if (field === 'not') return not(holds(row, operand as Row, relations, comparesOf));
      const related = relations(row, field);
      if (Array.isArray(related))
        return and(Object.entries(operand as Row).map(quantify(related, relations, comparesOf)));
      if (related !== undefined) return holds(related as Row, operand as Row, relations, comparesOf);
      const compares = comparesOf(row, field);
      return and(
        Object.entries(operand as Row).map(([operator, value]) =>
          compare(row[field], operator, value, compares),
        ),
      );
    }),
  );
}

const quantify =
  (rows: readonly Row[], relations: Relations, comparesOf: ComparesOf) =>
  ([quantifier, where]: [string, unknown]): Truth => {
    if (quantifier === 'count') {
      return and(
        Object.entries(where as Row).map(([operator, value]) =>
          compare(rows.length, operator, value, compareValues),
        ),
      );
    }
    const truths = rows.map((row) => holds(row, where as Row, relations, comparesOf));
    if (quantifier === 'some') return truths.includes(true);
    return quantifier === 'none' ? !truths.includes(true) : !truths.includes(false);
  };

function compare(value: unknown, operator: string, operand: unknown, compares: Compare): Truth {
  if (operator === 'isNull') return (value === null) === operand;
  const list = operand as readonly unknown[];
  if (operator === 'in' && list.length === 0) return false;
  if (operator === 'notIn' && list.length === 0) return true;
  if (value === null) return null;
  switch (operator) {
    case 'eq':
      return compares(value, operand) === 0;
    case 'ne':
      return compares(value, operand) !== 0;
    case 'lt':
      return compares(value, operand) < 0;
    case 'lte':
      return compares(value, operand) <= 0;
    case 'gt':
      return compares(value, operand) > 0;
    case 'gte':
      return compares(value, operand) >= 0;
    case 'in':
      return list.some((each) => compares(value, each) === 0);
    case 'notIn':
      return list.every((each) => compares(value, each) !== 0);
    case 'startsWith':
      return matchesAt(String(value), String(operand), 0, compares);
    case 'endsWith':
      return matchesAt(
        String(value),
        String(operand),
        [...String(value)].length - [...String(operand)].length,
        compares,
      );
    case 'eqExact':
      return value === operand;
    case 'has':
      return (value as readonly unknown[]).includes(operand);
    case 'contains':
      return [...`${value} `].some((_, at) => matchesAt(String(value), String(operand), at, compares));
    default:
      throw new Error(`No operator ${operator}`);
  }
}

function matchesAt(text: string, part: string, at: number, compares: Compare): boolean {
  if (at < 0) return false;
  const piece = [...text].slice(at, at + [...part].length);
  return piece.length === [...part].length && compares(piece.join(''), part) === 0;
}

function and(truths: readonly Truth[]): Truth {
  return truths.includes(false) ? false : truths.includes(null) ? null : true;
}
function or(truths: readonly Truth[]): Truth {
  return truths.includes(true) ? true : truths.includes(null) ? null : false;
}
function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

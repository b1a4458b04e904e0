import type { Cell } from './cell.ts';
import { comparisonCells } from './comparisons.ts';
import { filterCells } from './filters.ts';
import { functionCells } from './functions.ts';
import { orderCells } from './orders.ts';
import { valueCells } from './values.ts';

/** The operations: each type of column has a test for each. */
export const cells: Readonly<Record<string, Cell>> = {
  ...valueCells,
  ...filterCells,
  ...orderCells,
  ...functionCells,
  ...comparisonCells,
};

import { LocalDate } from '../scalars/local-date.ts';
import { ordered } from './capabilities.ts';
import type { ColumnType } from './column-type.ts';

export const date: ColumnType = {
  serves: ({ name }) => name === 'date',
  field: LocalDate,
  capabilities: ordered,
  // The driver puts a date together from three numbers, each padded, which was a quarter of what it spent on a row; the cast
  // costs the server nothing that can be measured.
  codecOf: () => ({ select: 'cast(?? as char)', operand: '?' }),
};

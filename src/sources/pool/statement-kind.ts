import { firstWord } from '../../sql/beginning.ts';
import type { Statement } from '../observer.ts';

const kinds: Readonly<Record<string, Statement['kind']>> = {
  select: 'read',
  show: 'read',
  with: 'read',
  insert: 'write',
  update: 'write',
  delete: 'write',
  replace: 'write',
};

/** The kind of a statement by its first word. */
export function statementKind(sql: string): Statement['kind'] {
  return kinds[firstWord(sql)] ?? 'control';
}

import { readerOf } from '../sql/reader.ts';

/**
 * The privileges on its database that a statement needs beyond those that every migrator has; none where its text does not
 * show them. https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html
 */
export function privilegesFor(sql: string): string[] {
  const reader = readerOf(sql);
  const verb = reader.oneOf('CREATE', 'ALTER', 'DROP', 'CALL', 'LOCK', 'RENAME', 'TRUNCATE');
  if (verb === null) return [];
  if (verb === 'CALL') return ['EXECUTE'];
  if (verb === 'LOCK') return ['LOCK TABLES'];
  if (verb === 'RENAME' || verb === 'TRUNCATE') return ['ALTER', 'DROP'].slice(verb === 'RENAME' ? 0 : 1);
  if (reader.skip('TEMPORARY')) return verb === 'CREATE' ? ['CREATE TEMPORARY TABLES'] : [];
  for (; !reader.done && !reader.is('('); reader.any()) {
    const what = reader.oneOf(
      'TABLE',
      'INDEX',
      'VIEW',
      'TRIGGER',
      'PROCEDURE',
      'FUNCTION',
      'EVENT',
      'USER',
      'ROLE',
    );
    if (what !== null) return needs[what][verb];
  }
  return [];
}

type Needs = Readonly<Record<'CREATE' | 'ALTER' | 'DROP', string[]>>;

const routine: Needs = { CREATE: ['CREATE ROUTINE'], ALTER: ['ALTER ROUTINE'], DROP: ['ALTER ROUTINE'] };
const one = (name: string): Needs => ({ CREATE: [name], ALTER: [name], DROP: [name] });

const needs = {
  TABLE: { CREATE: ['CREATE'], ALTER: ['ALTER'], DROP: ['DROP'] },
  INDEX: one('INDEX'),
  VIEW: { CREATE: ['CREATE VIEW'], ALTER: ['CREATE VIEW', 'DROP'], DROP: ['DROP'] },
  TRIGGER: one('TRIGGER'),
  PROCEDURE: routine,
  FUNCTION: routine,
  EVENT: one('EVENT'),
  USER: one('CREATE USER'),
  ROLE: one('CREATE ROLE'),
} as const satisfies Record<string, Needs>;

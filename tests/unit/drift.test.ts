import { describe, expect, it } from 'vitest';
import { compareSchemas } from '../../src/drift/compare.ts';
import { compareHistories } from '../../src/drift/compare-migrations.ts';
import { expectedFailures } from '../../src/drift/expected-failures.ts';
import type { Comparison, DriftFinding, RepairPlan } from '../../src/drift/finding.ts';
import { asJson } from '../../src/drift/formats/json.ts';
import { asJunit } from '../../src/drift/formats/junit.ts';
import { asMarkdown } from '../../src/drift/formats/markdown.ts';
import { asText } from '../../src/drift/formats/text.ts';
import { allowingZeroDates } from '../../src/drift/plan/zero-dates.ts';
import type { DriftReport } from '../../src/drift/report.ts';
import { notVisibleTo } from '../../src/drift/visibility.ts';
import type { ColumnModel, IndexModel, SchemaModel, TableModel } from '../../src/information-schema/model.ts';
import { literalIn } from '../../src/sql/default.ts';
import { sameExpression } from '../../src/sql/expression.ts';

// What servers of today no longer say cannot be provoked on them: the rest is in tests/integration/drift*.test.ts.

function column(given: Partial<ColumnModel>): ColumnModel {
  return {
    name: 'a',
    type: 'int',
    nullable: true,
    default: null,
    autoIncrement: false,
    onUpdate: null,
    invisible: false,
    generated: null,
    charset: null,
    collation: null,
    srid: null,
    comment: '',
    ...given,
  };
}

function schema(columns: ColumnModel[], given: Partial<TableModel> = {}): SchemaModel {
  const table: TableModel = {
    name: 'things',
    engine: 'InnoDB',
    collation: 'utf8mb4_0900_ai_ci',
    comment: '',
    rowFormat: null,
    options: [],
    columns,
    indexes: [],
    foreignKeys: [],
    checks: [],
    partitioning: null,
    ...given,
  };
  const defaults = { charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' };
  return { defaults, tables: [table], views: [], triggers: [], routines: [], events: [] };
}

const propertiesOf = (left: Partial<ColumnModel>, right: Partial<ColumnModel>) =>
  compareSchemas(schema([column(left)]), schema([column(right)])).findings.map(({ property }) => property);

describe('a width of display', () => {
  it.each([
    ['int(11)', 'int'],
    ['int(10) unsigned', 'int unsigned'],
    ['bigint(20)', 'bigint'],
    ['smallint(6)', 'smallint'],
    ['tinyint(4)', 'tinyint'],
    ['tinyint(1) unsigned', 'tinyint unsigned'],
    ['year(4)', 'year'],
  ])('%s is no other type than %s', (left, right) => {
    expect(propertiesOf({ type: left }, { type: right })).toEqual([]);
  });

  it.each([
    ['int(11)', 'bigint'],
    ['int(11)', 'int unsigned'],
    ['tinyint(1)', 'tinyint'],
    ['int(5) unsigned zerofill', 'int(8) unsigned zerofill'],
    ['varchar(11)', 'varchar(12)'],
    ['bit(1)', 'bit(2)'],
  ])('%s is another type than %s', (left, right) => {
    expect(propertiesOf({ type: left }, { type: right })).toEqual(['type']);
  });
});

it('takes utf8 for utf8mb3, and not for utf8mb4', () => {
  const old = { type: 'text', charset: 'utf8', collation: 'utf8_general_ci' };
  const named = { type: 'text', charset: 'utf8mb3', collation: 'utf8mb3_general_ci' };
  const other = { type: 'text', charset: 'utf8mb4', collation: 'utf8mb4_general_ci' };
  expect(propertiesOf(old, named)).toEqual([]);
  expect(propertiesOf(old, other)).toEqual(['character set']);
});

it('takes DEFAULT (1) for DEFAULT 1, and not for DEFAULT 2', () => {
  const expression = { default: { value: '(1)', expression: true } };
  expect(propertiesOf(expression, { default: { value: '1', expression: false } })).toEqual([]);
  expect(propertiesOf(expression, { default: { value: '2', expression: false } })).toEqual(['default']);
});

it.each([
  ["'it''s'", "it's"],
  [String.raw`'it\'s \\ \n'`, "it's \\ \n"],
  ['-1.50', '-1.50'],
  ["b'101'", "b'101'"],
  ['TRUE', '1'],
  ['uuid()', null],
  ["'a' || 'b'", null],
])('DEFAULT %s is the literal %j', (sql, literal) => {
  expect(literalIn(sql)).toBe(literal);
});

describe('an index made for a foreign key', () => {
  const key = {
    name: 'things_a_foreign',
    columns: ['a'],
    references: { schema: null, table: 'others', columns: ['id'] },
    onDelete: 'RESTRICT',
    onUpdate: 'RESTRICT',
  };
  const index = (name: string, ...columns: string[]): IndexModel => ({
    name,
    unique: false,
    kind: 'BTREE',
    parser: null,
    visible: true,
    comment: '',
    parts: columns.map((column) => ({ column, expression: null, length: null, descending: false })),
  });
  const columns = [column({ name: 'a' }), column({ name: 'b' })];
  const withIndex = (...indexes: IndexModel[]) => schema(columns, { foreignKeys: [key], indexes });

  it('is none of the differences where the other side has one of another name', () => {
    const implied = withIndex(index('things_a_foreign', 'a'));
    const own = withIndex(index('things_a_index', 'a'));
    expect(compareSchemas(implied, own).findings).toEqual([]);
    expect(compareSchemas(own, implied).findings).toEqual([]);
  });

  it('does not hide that the other side has a wider one', () => {
    const implied = withIndex(index('things_a_foreign', 'a'));
    const wider = withIndex(index('things_a_b_index', 'a', 'b'));
    expect(compareSchemas(wider, implied).findings.map(({ object }) => object)).toEqual([
      'things.things_a_b_index',
    ]);
  });
});

describe('two spellings of an expression', () => {
  it.each([
    ["(`a` = _utf8mb4'x')", "a = 'x'"],
    ['((`a` is null) or (`a` >= `b`))', 'a is null or a >= b'],
    ['((`a` > 0) and ((`b` = 1) or (`c` <> 2)))', 'a > 0 AND (b = 1 OR c != 2)'],
    ["(`state` in (_utf8mb4'A',_utf8mb4'B'))", "state in ('A', 'B')"],
    ['(`a` between 1 and (2 + 3))', 'a between 1 and 2 + 3'],
    ["regexp_like(`a`,_utf8mb4'^x$')", "regexp_like(a, '^x$')"],
    ['(`a` is not null)', 'a IS NOT NULL'],
    ['((`a` * 2) + 1)', 'a*2+1'],
  ])('%s is %s', (left, right) => {
    expect(sameExpression(left, right)).toBe(true);
  });

  it.each([
    ['(a or b) and c', 'a or (b and c)'],
    ["a = 'x'", "a = 'X'"],
    ["a = '_utf8mb4'", "a = ''"],
    ['a - (b - c)', 'a - b - c'],
    ['a is null', 'a is not null'],
    ['not a = b', '(not a) = b'],
    ["a = 'b'", 'a = b'],
    ["a like '(x)'", "a like 'x'"],
  ])('%s is not %s', (left, right) => {
    expect(sameExpression(left, right)).toBe(false);
  });
});

describe('histories', () => {
  it('say what is missing on either side, and the first that is out of order', () => {
    expect(compareHistories(['a', 'b', 'c', 'd'], ['a', 'c', 'b', 'e'])).toMatchObject([
      { object: 'd', property: 'existence', left: 'applied', right: null },
      { object: 'e', property: 'existence', left: null, right: 'applied' },
      { object: 'b', property: 'order', left: 'after a', right: 'after c' },
    ]);
    expect(compareHistories(['a', 'b'], ['a', 'b'])).toEqual([]);
  });
});

it('says beforehand what a server refuses of a plan by its settings', () => {
  const facts = {
    version: '9.7.0',
    lowerCaseTableNames: 0,
    generatesPrimaryKeys: false,
    requiresPrimaryKeys: true,
    trustsFunctionCreators: false,
    disabledEngines: ['MyISAM', 'BLACKHOLE'],
  };
  const plan = [
    'create table `t` (`a` int) engine = MyISAM',
    'create trigger `x` before insert on `t` for each row set @a = 1',
    ...allowingZeroDates([{ sql: 'alter table `t` add column `b` int', mends: [] }]).map(({ sql }) => sql),
  ];
  const numbers = (of: typeof facts) =>
    expectedFailures(plan, of).map((note) => /\d{4}(?=\))/.exec(note)?.[0]);
  expect(numbers(facts)).toEqual(['1067', '1419', '3750', '3161']);
  const open = { requiresPrimaryKeys: false, trustsFunctionCreators: true, disabledEngines: [] };
  expect(numbers({ ...facts, ...open })).toEqual(['1067']);
  expect(expectedFailures(['create table `t` (`a` int, primary key (`a`)) engine = InnoDB'], facts)).toEqual(
    [],
  );
});

describe('an account', () => {
  const at = { schema: 'tandem', tables: ['things'] };
  it.each([
    [
      'GRANT SELECT ON `tandem`.* TO `a`@`%`',
      ['FOREIGN_KEY', 'CHECK', 'VIEW', 'TRIGGER', 'ROUTINE', 'EVENT'],
    ],
    ['GRANT SELECT, INSERT ON `tandem`.* TO `a`@`%`', ['VIEW', 'TRIGGER', 'ROUTINE', 'EVENT']],
    ['GRANT SELECT, INSERT, SHOW VIEW, TRIGGER, EXECUTE, EVENT ON `tandem`.* TO `a`@`%`', []],
    ['GRANT ALL PRIVILEGES ON `tandem`.* TO `a`@`%`', []],
  ])('with %s may not see all of %s', (grant, kinds) => {
    expect(notVisibleTo([grant], at)).toEqual(kinds);
  });
});

describe('a report', () => {
  const found: DriftFinding = {
    kind: 'COLUMN',
    object: 'things.a',
    property: 'default',
    left: "'a|b' & <c>\u0001",
    right: null,
    breaking: true,
    statements: ["alter table `things` modify column `a` int default '<1>'"],
    losesData: false,
  };
  const cosmetic: DriftFinding = { ...found, property: 'comment', left: '', right: 'x', breaking: false };
  const noPlan: RepairPlan = {
    statements: [],
    notes: [],
    verification: { state: 'NOT_VERIFIED', detail: null },
  };
  const comparison: Comparison = {
    left: 'AZURE',
    right: 'GCP',
    findings: [found, cosmetic],
    plan: {
      statements: found.statements,
      notes: ['The view v cannot be made.'],
      verification: { state: 'NOT_VERIFIED', detail: null },
    },
    notVisible: ['FOREIGN_KEY', 'VIEW'],
    notManaged: [],
  };
  const same: Comparison = {
    left: 'ENTITIES',
    right: 'AZURE',
    findings: [],
    plan: noPlan,
    notVisible: [],
    notManaged: ['logs', 'visits'],
  };
  const report: DriftReport = {
    comparisons: [comparison, same],
    unreachable: [{ source: 'GCP', code: 'SOURCE_UNAVAILABLE', cause: 'Down.', remedy: 'Wait.' }],
    failOn: 'breaking',
    exitCode: 3,
  };

  it('is aligned as text', () => {
    expect(asText(report)).toBe(
      [
        'azure ↔ gcp  2 differences',
        "  breaking  column  things.a  default: azure 'a|b' & <c>\u0001, gcp none",
        "  cosmetic  column  things.a  comment: azure '', gcp x",
        '  What makes gcp as azure is, in this order (not verified):',
        "    alter table `things` modify column `a` int default '<1>';",
        '  The view v cannot be made.',
        '  Not compared, since an account may not see them: foreign keys, views.',
        'entities ↔ azure  no drift',
        '  Not managed, since no entity names them: logs, visits.',
        'gcp  SOURCE_UNAVAILABLE: Down.',
        'Next: Wait.',
        '',
      ].join('\n'),
    );
  });

  it('has all that there is as JSON', () => {
    const { exitCode, ...rest } = report;
    const unreachable = [{ source: 'GCP', code: 'SOURCE_UNAVAILABLE', message: 'Down.', remedy: 'Wait.' }];
    expect(JSON.parse(asJson(report))).toEqual({ ok: false, exitCode, ...rest, unreachable });
  });

  it('is XML that a parser takes, with failures for what counts only', () => {
    const xml = asJunit(report);
    expect(xml).toContain('<testsuite name="azure ↔ gcp" tests="2" failures="1" errors="0">');
    expect(xml).toContain(
      `<failure message="azure 'a|b' &amp; &lt;c&gt;\ufffd, gcp none" type="breaking">alter table \`things\` modify column \`a\` int default '&lt;1&gt;';</failure>`,
    );
    expect(xml).toContain('<error message="Down." type="SOURCE_UNAVAILABLE">Wait.</error>');
    expect(xml).toContain('<system-out>Not managed, since no entity names them: logs, visits.</system-out>');
    expect(wellFormed(xml)).toBe(true);
  });

  it('is a table in Markdown, whose cells values cannot break', () => {
    const markdown = asMarkdown(report);
    expect(markdown).toContain(
      "| **breaking** | column | `things.a` | default | `'a\\|b' & <c>\u0001` | `none` |",
    );
    expect(markdown).toContain("```sql\nalter table `things` modify column `a` int default '<1>';\n```");
    expect(markdown).toContain(
      '### entities ↔ azure\n\nNo drift.\n\nNot managed, since no entity names them: logs, visits.',
    );
  });
});

/** Every tag is closed, and no text has a sign that it must not have. */
function wellFormed(xml: string): boolean {
  const open: string[] = [];
  const rest = xml
    .replace(/^<\?xml [^>]*\?>/, '')
    .replace(/<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>/g, (_, end, name) => {
      if (end === '/') return open.pop() === name ? '' : '<';
      open.push(name);
      return '';
    });
  return open.length === 0 && !rest.includes('<') && !/&(?!amp;|lt;|gt;|quot;|#\d+;)/.test(rest);
}

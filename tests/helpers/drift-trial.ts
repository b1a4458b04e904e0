import { compareSchemas } from '../../src/drift/compare.ts';
import type { DriftFinding } from '../../src/drift/finding.ts';
import type { CatalogueConnection } from '../../src/information-schema/catalogue-connection.ts';
import type { SchemaModel } from '../../src/information-schema/model.ts';
import { readSchema } from '../../src/information-schema/read-schema.ts';
import { dumpOf, sameDump } from './schema-dump.ts';

/** Two databases of one server, each with a connection of its own. */
export interface Trial {
  readonly left: CatalogueConnection;
  readonly right: CatalogueConnection;
}

/** What drift says of two schemas, and how that is wrong, a sentence each: beside MySQL's own words, and when it is run. */
export async function judge({ left, right }: Trial): Promise<{ findings: DriftFinding[]; wrong: string[] }> {
  const before = { left: await look(left), right: await look(right) };
  const there = compareSchemas(before.left.schema, before.right.schema);
  const back = compareSchemas(before.right.schema, before.left.schema);
  const wrong = [
    ...besideDumps(there.findings, before.left.dump, before.right.dump),
    ...(await afterPlan(right, there.plan.statements, before.left)),
  ];
  // The other way round, with what the right side was.
  if (wrong.length === 0) wrong.push(...(await afterPlan(left, back.plan.statements, before.right)));
  return { findings: there.findings, wrong };
}

interface Seen {
  readonly schema: SchemaModel;
  readonly dump: ReadonlyMap<string, string>;
}

async function look(em: CatalogueConnection): Promise<Seen> {
  return { schema: await readSchema(em), dump: await dumpOf(em) };
}

async function afterPlan(
  em: CatalogueConnection,
  statements: readonly string[],
  wanted: Seen,
): Promise<string[]> {
  for (const sql of statements) {
    const failed = await em.execute(sql).then(
      () => null,
      (error: Error) => `${error.message} in\n    ${sql}`,
    );
    if (failed !== null) return [`refused: ${failed}\n  of\n    ${statements.join(';\n    ')}`];
  }
  const now = await look(em);
  const { findings } = compareSchemas(wanted.schema, now.schema);
  const left = findings.map(shown).map((finding) => `left after the plan: ${finding}`);
  const lost = [...new Set([...wanted.dump.keys(), ...now.dump.keys()])]
    .filter((key) => !sameDump(wanted.dump.get(key), now.dump.get(key)))
    .map((key) => `lost by the plan: ${key}\n    ${wanted.dump.get(key)}\n    ${now.dump.get(key)}`);
  return [...left, ...lost].map((line) => `${line}\n  of\n    ${statements.join(';\n    ')}`);
}

/** A finding for each object that MySQL shows otherwise, and none for the others. */
function besideDumps(
  findings: readonly DriftFinding[],
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
): string[] {
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  const differ = keys.filter((key) => !sameDump(left.get(key), right.get(key)));
  const about = findings.map((finding) => ({ finding, keys: keysOf(finding, keys) }));
  const said = new Set(about.flatMap(({ keys }) => keys));
  // Where a trigger is missing, moved or new, the others of its moment are numbered anew.
  const counted = differ.filter(
    (key) => !key.startsWith('ORDER') || !differ.some((other) => other.startsWith('TRIGGER')),
  );
  return [
    ...counted
      .filter((key) => !said.has(key))
      .map((key) => `missed: ${key}\n    ${left.get(key)}\n    ${right.get(key)}`),
    ...about
      .filter((one) => !one.keys.some((key) => differ.includes(key)))
      .map(({ finding }) => `invented: ${shown(finding)}`),
  ];
}

/** The objects of a dump that a finding may be about: names have dots in them. */
function keysOf({ kind, object, property }: DriftFinding, keys: readonly string[]): string[] {
  return keys.filter((key) => {
    const [, what = '', name = ''] = /^(\w+) ([\s\S]*)$/.exec(key) ?? [];
    if (kind === 'TRIGGER')
      return property === 'order'
        ? key === `ORDER ${object}`
        : what === 'TRIGGER' && object.endsWith(`.${name}`);
    if (kind === 'ROUTINE') return /^(FUNCTION|PROCEDURE)$/.test(what) && name === object;
    if (kind === 'VIEW' || kind === 'EVENT') return what === kind && name === object;
    return what === 'TABLE' && (name === object || object.startsWith(`${name}.`));
  });
}

function shown({ kind, object, property, left, right }: DriftFinding): string {
  return `${kind} ${object} ${property}: ${left} | ${right}`;
}

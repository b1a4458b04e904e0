/** Why the API cannot serve a table as its entity declares it. */
export interface EntityFault {
  readonly entity: string;
  /** The property at fault; absent where it is the entity as a whole. */
  readonly property?: string;
  /** Continues the name as a sentence: `has a column of type bigint, which …`. */
  readonly problem: string;
  /** What to change, as an order: `declare …`. */
  readonly remedy: string;
}

/** All faults of the entities at once: the server does not start with one of them. */
export class EntityError extends Error {
  override readonly name = 'EntityError';
  readonly faults: readonly EntityFault[];

  constructor(faults: readonly EntityFault[]) {
    const lines = faults.map(({ entity, property, problem, remedy }) => {
      const name = property === undefined ? entity : `${entity}.${property}`;
      return `  ${name} ${problem}. Next: ${remedy}.`;
    });
    super(
      [
        faults.length === 1 ? 'One fault in an entity:' : `${faults.length} faults in entities:`,
        ...lines,
        'docs/tables.md lists what an entity can have.',
      ].join('\n'),
    );
    this.faults = faults;
  }
}

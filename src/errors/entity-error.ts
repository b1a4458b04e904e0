import { type Explanation, explanationLine } from './explanation.ts';

/**
 * Why the API cannot serve a table as its entity declares it: the cause goes on as a sentence that the name begins, the remedy is
 * an order.
 */
export interface EntityFault extends Explanation {
  readonly entity: string;
  /** The property at fault; absent where it is the entity as a whole. */
  readonly property?: string;
}

/** All faults of the entities at once: the server does not start with one of them. */
export class EntityError extends Error {
  override readonly name = 'EntityError';
  readonly faults: readonly EntityFault[];

  constructor(faults: readonly EntityFault[]) {
    const lines = faults.map(({ entity, property, cause, remedy }) => {
      const name = property === undefined ? entity : `${entity}.${property}`;
      return `  ${explanationLine({ cause: `${name} ${cause}.`, remedy: `${remedy}.` })}`;
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

import type { SourceName } from '../source-name.ts';
import type { Caller } from '../sources/pool/caller.ts';
import type { Source } from '../sources/source.ts';
import type { ExplicitCollations } from './explicit-collations.ts';
import type { Budget } from './operation-budget.ts';
import type { QueryRunner, RunnerStatement } from './query-runner.ts';
import type { RowGuard } from './row-guard.ts';
import type { SelectSpec } from './select-spec.ts';
import type { BoundStatement, MakeStatement } from './statement-cache.ts';

/** The parts of a runner that all requests share. */
interface Shared {
  readonly reads: Pick<Source, 'name' | 'rows' | 'arrays'>;
  readonly makeStatement: MakeStatement;
  readonly collations: ExplicitCollations;
}

interface OfRequest {
  readonly caller: Caller;
  readonly budget: Budget;
  readonly guard: RowGuard | null;
}

/** By the next turn of microtasks, all fields of an operation have been planned: one that costs too much is not begun. */
const planned = Promise.resolve();

/** Runs the statements of one request on one source's pool. A class, since each request has one. */
export class SourceRunner implements QueryRunner {
  readonly budget: Budget;
  readonly guard: RowGuard | null;
  readonly #shared: Shared;
  readonly #caller: Caller;

  constructor(shared: Shared, { caller, budget, guard }: OfRequest) {
    this.#shared = shared;
    this.#caller = caller;
    this.budget = budget;
    this.guard = guard;
  }

  get source(): SourceName {
    return this.#shared.reads.name;
  }

  get collations(): ExplicitCollations {
    return this.#shared.collations;
  }

  statement(spec: SelectSpec, values: readonly unknown[]): BoundStatement {
    return this.#shared.makeStatement(spec, values, this.guard);
  }

  rows<R extends object>(statement: RunnerStatement): Promise<R[]> {
    return this.#run('rows', statement) as Promise<R[]>;
  }

  arrays(statement: RunnerStatement): Promise<unknown[][]> {
    return this.#run('arrays', statement) as Promise<unknown[][]>;
  }

  /** As inCollations does it, without a function for each statement. */
  async #run(how: 'rows' | 'arrays', statement: RunnerStatement): Promise<unknown[]> {
    const { reads, collations } = this.#shared;
    await planned;
    this.budget.check();
    this.budget.reads?.touch(reads.name, statement.tables ?? []);
    try {
      const known = statement.likesView
        ? await collations.learned(statement, reads)
        : collations.of(statement);
      // Without `await`, a promise that returns another one waits for it twice.
      return await reads[how](this.#read(known), this.#caller);
    } catch (error) {
      const mended = await collations.mend(statement, error, reads);
      return await reads[how](this.#read(mended), this.#caller);
    }
  }

  #read({ sql, params, isScan, mayLag = true }: RunnerStatement) {
    return { sql, params, isScan, mayLag, allowance: this.budget };
  }
}

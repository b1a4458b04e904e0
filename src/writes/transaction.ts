import type { SqlEntityManager } from '@mikro-orm/mysql';
import type { SourceName } from '../source-name.ts';

/** One transaction on one source. */
export interface Transaction {
  readonly em: SqlEntityManager;
  readonly source: SourceName;
}

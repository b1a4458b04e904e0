import type { PartitioningModel, TableModel } from '../information-schema/model.ts';
import { sameExpression } from '../sql/expression.ts';
import { divisionSql, partitionsSql } from './ddl.ts';
import type { Difference } from './finding.ts';
import { alone, comparing } from './finding-builder.ts';

/** How two tables are divided, and into what. */
export function comparePartitions(left: TableModel, right: TableModel): Difference[] {
  const [one, other] = [left.partitioning, right.partitioning];
  const compare = comparing(alone('TABLE', right.name));
  const differs = (property: string, text: (of: PartitioningModel) => string, breaking = true) => {
    const [a, b] = [one && text(one), other && text(other)];
    return compare(property, [a, b], {
      same: a === null || b === null ? a === b : sameExpression(a, b),
      breaking,
    });
  };
  const ways = differs('partitioned by', divisionSql);
  if (ways.length > 0) return ways;
  const partitions = differs('partitions', (of) => partitionsSql(of, { comments: false }));
  return partitions.length > 0 ? partitions : differs('partition comments', partitionsSql, false);
}

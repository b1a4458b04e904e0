import { tokensOf } from '../../sql/tokens.ts';
import { isRule } from './rules.ts';

/** `lint: allow RULE: why` in a comment of the statement. Without a reason it counts for nothing. */
export function exemptionsIn(sql: string): Map<string, string> {
  const found = tokensOf(sql).flatMap(({ kind, text }): [string, string][] => {
    const [, rule = '', why = ''] =
      kind === 'comment' ? (/lint: allow ([\w-]+): (.+)$/.exec(text.replace(/\s*\*\/$/, '')) ?? []) : [];
    return isRule(rule) && why !== '' ? [[rule, why]] : [];
  });
  return new Map(found);
}

import type { ServerFacts } from '../information-schema/server-facts.ts';

/** The effects of a server's settings on a plan's statements: each a sentence with MySQL's number. */
export function expectedFailures(statements: readonly string[], facts: ServerFacts): string[] {
  const some = (pattern: RegExp) => statements.some((sql) => pattern.test(sql));
  const keyless = statements.some((sql) => /^create table /.test(sql) && !/ primary key \(/.test(sql));
  const engines = facts.disabledEngines.filter((engine) => some(new RegExp(` engine = ${engine}\\b`, 'i')));
  return [
    ...(some(/^set sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR/)
      ? [
          'A table has a date such as 0000-00-00 as a default, which MySQL refuses (1067): its statements set sql_mode, so run the plan on one connection.',
        ]
      : []),
    ...(!facts.trustsFunctionCreators && some(/^create (trigger|function) /)
      ? [
          'This server logs changes and refuses triggers and functions of an account without SUPER (1419): set log_bin_trust_function_creators=ON there first.',
        ]
      : []),
    ...(facts.requiresPrimaryKeys && !facts.generatesPrimaryKeys && keyless
      ? ['This server has sql_require_primary_key=ON and refuses a table without a primary key (3750).']
      : []),
    ...engines.map((engine) => `This server has the storage engine ${engine} disabled (3161).`),
  ];
}

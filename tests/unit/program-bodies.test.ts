import { expect, it } from 'vitest';
import { bodyIn } from '../../src/information-schema/program-bodies.ts';

// As MySQL 9.7 answers SHOW CREATE.
it.each([
  [
    'PROCEDURE',
    "CREATE DEFINER=`admin`@`%` PROCEDURE `p)`(in `a) b` decimal(10,2), e enum('x)','it''s'))\n    READS SQL DATA\n    SQL SECURITY INVOKER\n    COMMENT 'it''s (a)\\n    NO SQL'\nbegin\n    select 'it''s';\nend",
    "begin\n    select 'it''s';\nend",
  ],
  [
    'FUNCTION',
    "CREATE DEFINER=`admin`@`%` FUNCTION `f`(n int) RETURNS varchar(20) CHARSET utf8mb4\n    NO SQL\n    DETERMINISTIC\nreturn 'a''b'",
    "return 'a''b'",
  ],
  [
    'TRIGGER',
    "CREATE DEFINER=`admin`@`%` TRIGGER `for each row` before insert on t /* it's for each row */\nfor each\nrow follows `a b` set @a = 'do'",
    "set @a = 'do'",
  ],
  [
    'EVENT',
    "CREATE DEFINER=`admin`@`%` EVENT `do` ON SCHEDULE EVERY 1 DAY STARTS '2026-11-27 23:58:58' ON COMPLETION NOT PRESERVE DISABLE COMMENT ' do ' DO set @a = 'it''s do'",
    "set @a = 'it''s do'",
  ],
  ['FUNCTION', '', null],
] as const)('the body of a %s is what stands behind its head', (kind, create, body) => {
  expect(bodyIn(kind, create)).toBe(body);
});

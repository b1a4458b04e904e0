// Makes docs/permissions.md of the entities: `npm run docs`.
import {
  type AccessRules,
  Claim,
  features,
  permissionOf,
  type RoleOptions,
} from '../src/access/permission.ts';
import { fieldsOf } from '../src/column-types/entity-fields.ts';
import { entities } from '../src/entities/index.ts';
import { declaredRules } from '../src/entities/roles.ts';

const operations = ['read', 'create', 'update', 'delete'] as const;

/** The whole of `docs/permissions.md`. */
export function renderPermissions(rules: AccessRules = declaredRules(entities)): string {
  return `${[
    '# Permissions',
    '',
    '<!-- Made by `npm run docs` from src/entities: do not edit. -->',
    '',
    'Permissions of each role, as the entities declare them ([access](access.md)). The role `administrator` may do everything. A permission that is',
    'not named is denied.',
    ...Object.entries(rules.roles).flatMap(([role, { description, features: granted = [], ...limits }]) => [
      '',
      `## ${role}`,
      '',
      description,
      '',
      `Features: ${features.filter((feature) => granted.includes(feature)).join(', ') || 'none'}.${limitsText(limits)}`,
      '',
      '| Table | Operation | Columns | Rows | Sources | Presets |',
      '| --- | --- | --- | --- | --- | --- |',
      ...entities.flatMap((entity) =>
        operations.flatMap((operation) => rowsOf(rules, role, entity, operation)),
      ),
    ]),
  ].join('\n')}\n`;
}

function limitsText({ cost, pageRows, requestsPerMinute }: Partial<RoleOptions>): string {
  const limits = Object.entries({ cost, pageRows, requestsPerMinute }).filter(
    ([, limit]) => limit !== undefined,
  );
  return limits.length === 0
    ? ''
    : ` Limits: ${limits.map(([name, limit]) => `${name} ${limit}`).join(', ')}.`;
}

function rowsOf(
  rules: AccessRules,
  role: string,
  entity: (typeof entities)[number],
  operation: (typeof operations)[number],
): string[] {
  const permission = permissionOf(rules, role, entity.name, operation);
  if (permission === undefined) return [];
  const { columns, rows, rowsIn, check, sources, presets } = permission as {
    readonly columns?: readonly string[];
    readonly rows?: object;
    readonly rowsIn?: object;
    readonly check?: object;
    readonly sources?: readonly string[];
    readonly presets?: object;
  };
  const all = fieldsOf(entity).filter(({ kind }) => kind !== 'many').length;
  const ofColumns = operation === 'delete' ? '' : (columns?.join(', ') ?? `all ${all}`);
  const cells = [
    entity.name,
    operation,
    ofColumns,
    rulesText({ rows, rowsIn, check }),
    sources?.join(', ') ?? 'all',
    presets === undefined ? '' : `\`${textOf(presets)}\``,
  ];
  return [`| ${cells.join(' | ')} |`];
}

function rulesText({ rows, rowsIn, check }: Readonly<Record<string, object | undefined>>): string {
  const parts = [
    ...(rows === undefined && rowsIn === undefined ? ['all'] : []),
    ...(rows === undefined ? [] : [`\`${textOf(rows)}\``]),
    ...Object.entries(rowsIn ?? {}).map(([source, rule]) => `in ${source}: \`${textOf(rule)}\``),
    ...(check === undefined ? [] : [`afterwards: \`${textOf(check)}\``]),
  ];
  return parts.join('; ');
}

/** A rule as it stands in the entity's file. */
function textOf(value: unknown): string {
  if (value instanceof Claim) return `claim('${value.path}')`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, part]) => `${name}: ${textOf(part)}`)
    .join(', ')} }`;
}

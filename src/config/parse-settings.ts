import type { Explanation } from '../errors/explanation.ts';
import { perSource, type SourceName, sourceNames } from '../source-name.ts';
import type { ConfigFault } from './config-error.ts';
import type { Environment } from './environment.ts';
import { databaseSettings } from './groups/database.ts';
import type { Rule, Setting, SettingsGroup, ValuesOf } from './setting.ts';
import {
  type AllValues,
  databaseVariables,
  groups,
  otherVariables,
  prefixOf,
  rulesAcrossGroups,
} from './settings.ts';

/** The values of all settings, or everything that is wrong with them. */
export type ParsedSettings =
  | {
      readonly values: AllValues;
      readonly databases: Readonly<Record<SourceName, ValuesOf<typeof databaseSettings>>>;
    }
  | { readonly faults: readonly ConfigFault[] };

/** Parses every setting and checks every rule, so that one run finds all faults. */
export function parseSettings({ set, misspelt }: Environment): ParsedSettings {
  const originOf = (variable: string) =>
    (set.get(variable) ?? misspelt.find((one) => one.variable === variable))?.readFrom ?? null;
  const faults = new Map<string, Explanation>();
  const values = Object.fromEntries(
    Object.entries<SettingsGroup>(groups).map(([name, group]) => [name, parseGroup(group, '', set, faults)]),
  ) as unknown as AllValues;
  checkRules(rulesAcrossGroups, '', values, faults);
  const databases = perSource(
    (source) =>
      parseGroup(databaseSettings, prefixOf(source), set, faults) as ValuesOf<typeof databaseSettings>,
  );
  if (sourceNames.some((source) => isSameDatabase(databases[source].name, values.audit.database))) {
    faults.set('AUDIT_DATABASE', {
      cause: 'is a database of the rows',
      remedy: 'name another database, in which the account of the server may INSERT and do nothing else',
    });
  }
  for (const { variable, nearest } of misspelt) {
    faults.set(variable, {
      cause: 'is not a setting of Tandem',
      remedy: `rename it to ${nearest.join(' or ')}, or remove it`,
    });
  }
  if (faults.size === 0) return { values, databases };
  return {
    faults: [...faults]
      .map(([variable, fault]) => ({ variable, ...fault, readFrom: originOf(variable) }))
      .toSorted(byTable),
  };
}

/** Some servers take names in capitals for the same. */
function isSameDatabase(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one.toLowerCase() === other?.toLowerCase();
}

function parseGroup(
  group: SettingsGroup,
  prefix: string,
  set: Environment['set'],
  faults: Map<string, Explanation>,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting>(group.settings)) {
    const variable = prefix + setting.variable;
    const text = set.get(variable)?.value ?? setting.default;
    if (text === undefined) {
      if (setting.required)
        faults.set(variable, { cause: 'is missing', remedy: `set it to ${setting.kind.accepts}` });
      continue;
    }
    const result = setting.kind.schema.safeParse(text);
    if (result.success) values[key] = result.data;
    else faults.set(variable, { cause: result.error.issues[0]?.message ?? '', remedy: remedyOf(setting) });
  }
  checkRules(group.rules ?? [], prefix, values, faults);
  return values;
}

/** Rules look at values without a fault of their own; all rules of a list run. */
function checkRules<V>(
  rules: readonly Rule<V>[],
  prefix: string,
  values: unknown,
  faults: Map<string, Explanation>,
): void {
  const faulty = new Set(faults.keys());
  for (const { variable, needs, check } of rules) {
    if (needs.some((name) => faulty.has(prefix + name))) continue;
    const fault = check(values as V);
    if (fault !== undefined) faults.set(prefix + variable, fault);
  }
}

function remedyOf({ kind, default: usual, required }: Setting): string {
  const otherwise = usual ? `, or leave it empty for ${usual}` : required ? '' : ', or leave it empty';
  return `set it to ${kind.accepts}${otherwise}`;
}

const inOrder = [...otherVariables, ...databaseVariables];
/** In the order of the table; misspelt ones, which it does not have, come last. */
function byTable(one: ConfigFault, other: ConfigFault): number {
  const place = ({ variable }: ConfigFault) => {
    const index = inOrder.indexOf(variable);
    return index < 0 ? inOrder.length : index;
  };
  return place(one) - place(other);
}

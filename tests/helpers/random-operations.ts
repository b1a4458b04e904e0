import { astFromValueUntyped } from '@graphql-tools/utils';
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  print,
  type ValueNode,
} from 'graphql';
import { randomStream } from '../../src/seeders/random.ts';

/** An operation, as a client sends it. */
export interface RandomOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly isMutation: boolean;
}

/** What values are taken from: those that rows have, and what answers held. */
export interface Pools {
  readonly ids: readonly string[];
  readonly cursors: readonly string[];
  /** Texts that rows hold. */
  readonly words?: readonly string[];
  /** Values of scalars, by the names of these. */
  readonly values?: Readonly<Record<string, readonly unknown[]>>;
}

/** Fields whose answers differ by themselves. */
const unstable = new Set(['sources', 'source', 'activity', 'drift', 'erd']);

const words = ['Odd', 'Good', 'a', 'First', 'Fine', 'x', '%', 'É', "O'Brien", 'Zeros'];
const days = ['1990-02-28', '2000-02-29', '2020-01-01', '2024-01-10', '0001-01-01', '9999-12-31'];

/** JSON as GraphQL writes it: names of fields have no quotes. */
const valueText = (value: unknown) =>
  typeof value === 'object' ? print(astFromValueUntyped(value) as ValueNode) : JSON.stringify(value);

/** An operation of the schema: valid but for a few, with variables of all kinds, given, null, absent, by default, or wrong. */
export function randomOperation(schema: GraphQLSchema, seed: number, pools: Pools): RandomOperation {
  const random = randomStream(seed);
  const chance = (of: number) => random() < of;
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(list: readonly T[]) => list[below(list.length)] as T;
  const some = <T>(list: readonly T[], most: number) => {
    const rest = [...list];
    return Array.from(
      { length: Math.min(1 + below(most), rest.length) },
      () => rest.splice(below(rest.length), 1)[0] as T,
    );
  };

  const variables: Record<string, unknown> = {};
  const definitions: string[] = [];
  const fragments: string[] = [];

  /** A value of a type, as JSON; nulls where there may be some. */
  function givenFor(type: GraphQLInputType, name: string, depth: number): unknown {
    if (!isNonNullType(type) && chance(0.04)) return null;
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      return Array.from({ length: below(4) }, () => givenFor(nullable.ofType, name, depth));
    }
    if (isInputObjectType(nullable)) {
      const fields = Object.values(nullable.getFields());
      const required = fields.filter((field) => isNonNullType(field.type));
      const others = fields.filter(
        (field) => !isNonNullType(field.type) && (depth < 3 || isLeafType(getNamedType(field.type))),
      );
      const chosen = [
        ...required,
        ...(others.length > 0 && (required.length === 0 || chance(0.5)) ? some(others, 2) : []),
      ];
      return Object.fromEntries(
        chosen.map((field) => [field.name, givenFor(field.type, field.name, depth + 1)]),
      );
    }
    if (isEnumType(nullable)) return pick(nullable.getValues()).name;
    const known = pools.values?.[nullable.name];
    if (known !== undefined && name !== 'after' && name !== 'before') return pick(known);
    switch (nullable.name) {
      case 'Int':
        if (name === 'first' || name === 'last') return chance(0.05) ? pick([-1, 1001]) : below(6);
        return chance(0.05) ? pick([0, -1, 2 ** 31 - 1, 999]) : 1 + below(10);
      case 'Float':
        return below(10) / 2;
      case 'Boolean':
        return chance(0.5);
      case 'ID':
        return chance(0.1) ? 'none' : pick(pools.ids);
      case 'LocalDate':
        return pick(days);
      default:
        if (name === 'after' || name === 'before')
          return chance(0.1) || pools.cursors.length === 0 ? 'none' : pick(pools.cursors);
        if (name === 'licenceNumber') return `L${below(10_000)}`;
        return pick(pools.words ?? words);
    }
  }

  /** JSON as a value of a document. */
  function literal(value: unknown, type: GraphQLInputType, depth = 0): string {
    if (value === null || value === undefined) return 'null';
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      return `[${(value as unknown[]).map((item) => inPlace(item, nullable.ofType, false, depth + 1)).join(', ')}]`;
    }
    if (isInputObjectType(nullable)) {
      const fields = nullable.getFields();
      const parts = Object.entries(value).map(([name, part]) => {
        const field = fields[name] as GraphQLInputField;
        return `${name}: ${inPlace(part, field.type, field.defaultValue !== undefined, depth + 1)}`;
      });
      return `{ ${parts.join(', ')} }`;
    }
    return isEnumType(nullable) ? String(value) : valueText(value);
  }

  /** A value where it stands: itself, or a variable. */
  function inPlace(value: unknown, type: GraphQLInputType, hasDefault: boolean, depth: number): string {
    return chance(depth === 0 ? 0.45 : 0.2) ? variable(value, type, hasDefault) : literal(value, type, depth);
  }

  /** Declares a variable that fits the place, and gives it the value, another, null, or none. */
  function variable(value: unknown, type: GraphQLInputType, hasDefault: boolean): string {
    const name = `v${definitions.length}`;
    const nullable = getNullableType(type);
    const isRequired = isNonNullType(type) && !hasDefault;
    const constant = value === null ? null : constantOf(value, nullable);
    const byDefault = constant !== null && (isRequired ? chance(0.5) : chance(0.3));
    const strict = isRequired ? !byDefault : chance(0.2);
    definitions.push(`$${name}: ${nullable}${strict ? '!' : ''}${byDefault ? ` = ${constant}` : ''}`);
    const way = random();
    if (way < 0.06) variables[name] = pick<unknown>(['wrong', 1.5, [null], { wrong: 1 }, true]);
    else if (way < 0.14) variables[name] = null;
    else if (way < 0.26) return `$${name}`;
    else variables[name] = value;
    return `$${name}`;
  }

  /** A value of a document without variables in it. */
  function constantOf(value: unknown, type: GraphQLInputType): string {
    const nullable = getNullableType(type);
    if (value === null || value === undefined) return 'null';
    if (isListType(nullable))
      return `[${(value as unknown[]).map((item) => constantOf(item, nullable.ofType)).join(', ')}]`;
    if (!isInputObjectType(nullable)) return isEnumType(nullable) ? String(value) : valueText(value);
    const fields = nullable.getFields();
    const parts = Object.entries(value).map(
      ([name, part]) => `${name}: ${constantOf(part, (fields[name] as GraphQLInputField).type)}`,
    );
    return `{ ${parts.join(', ')} }`;
  }

  function argumentsOf(given: readonly GraphQLArgument[]): string {
    const isPage = given.some(({ name }) => name === 'first');
    const one = isPage && chance(0.9) ? pick(['first', 'last']) : null;
    const parts = given
      .filter(({ name, type }) => {
        if (one !== null && (name === 'first' || name === 'last')) return name === one && chance(0.9);
        return isNonNullType(type) || chance(name === 'after' || name === 'before' ? 0.1 : 0.4);
      })
      .map(({ name, type, defaultValue }) => {
        const value = name === 'source' && chance(0.8) ? 'AZURE' : givenFor(type, name, 0);
        return `${name}: ${inPlace(value, type, defaultValue !== undefined, 0)}`;
      });
    return parts.length === 0 ? '' : `(${parts.join(', ')})`;
  }

  function directives(): string {
    if (chance(0.85)) return '';
    const name = pick(['skip', 'include']);
    const condition = chance(0.4) ? String(chance(0.5)) : flag();
    return ` @${name}(if: ${condition})${chance(0.1) ? ` @${name === 'skip' ? 'include' : 'skip'}(if: ${flag()})` : ''}`;
  }

  function flag(): string {
    const name = `v${definitions.length}`;
    const byDefault = chance(0.5);
    definitions.push(`$${name}: Boolean${byDefault ? ` = ${chance(0.5)}` : '!'}`);
    const way = random();
    if (way < 0.06) variables[name] = null;
    else if (way < 0.1) variables[name] = 'wrong';
    else if (!byDefault || way < 0.7) variables[name] = chance(0.5);
    return `$${name}`;
  }

  function selection(type: GraphQLNamedOutputType, depth: number): string {
    if (isAbstractType(type)) {
      const parts = some(schema.getPossibleTypes(type), 2).map(
        (each) => `... on ${each.name}${directives()} ${selection(each, depth + 1)}`,
      );
      return `{ ${chance(0.5) ? '__typename ' : ''}id ${parts.join(' ')} }`;
    }
    const fields = Object.values((type as GraphQLObjectType).getFields());
    const open = fields.filter((field) => isLeafType(getNamedType(field.type)) || depth < 6);
    const parts = some(open, 4).map((field) => {
      const named = getNamedType(field.type);
      const alias = chance(0.12) ? `${pick(['a', 'b', 'c'])}${below(100)}: ` : '';
      const below_ = isLeafType(named) ? '' : ` ${selection(named, depth + 1)}`;
      return `${alias}${field.name}${directives()}${below_}`;
    });
    if (chance(0.1)) parts.push('__typename');
    if (chance(0.1))
      parts.push(`...${chance(0.5) ? ` on ${type.name}` : ''}${directives()} ${selection(type, depth + 1)}`);
    if (chance(0.1)) {
      const name = `F${fragments.length}`;
      fragments.push('');
      fragments[Number(name.slice(1))] = `fragment ${name} on ${type.name} ${selection(type, depth + 1)}`;
      parts.push(`...${name}${directives()}`);
    }
    return `{ ${parts.join(' ')} }`;
  }

  const isMutation = chance(0.2) && schema.getMutationType() != null;
  const root = (isMutation ? schema.getMutationType() : schema.getQueryType()) as GraphQLObjectType;
  const rootFields = Object.values(root.getFields()).filter(({ name }) => !unstable.has(name));
  // Deleting leaves nothing to read.
  const usual = rootFields.filter(({ name }) => !name.startsWith('delete') || chance(0.3));
  const parts = some(usual, isMutation ? 2 : 3).map((field, at) => {
    const named = getNamedType(field.type);
    const text = `${field.name}${argumentsOf(field.args)}${directives()}${isObjectType(named) || isAbstractType(named) ? ` ${selection(named, 1)}` : ''}`;
    return chance(0.5) ? `r${at}: ${text}` : text;
  });
  if (chance(0.05)) parts.push('__typename');
  const name = chance(0.5) ? `Op${seed >>> 0}` : '';
  const declared = definitions.length === 0 ? '' : `(${definitions.join(', ')})`;
  const operation = `${isMutation ? 'mutation' : 'query'} ${name}${declared} { ${parts.join(' ')} }`;
  const another =
    name !== '' && chance(0.1)
      ? ' query Another($v0: Int) { patients(source: GCP, first: $v0) { totalCount } }'
      : '';
  return {
    query: `${operation} ${fragments.join(' ')}${another}`,
    variables,
    ...(name !== '' && (another !== '' || chance(0.5)) ? { operationName: name } : {}),
    isMutation,
  };
}

import { signal } from '@preact/signals';
import { type ApiError, request } from './request.ts';

/** A type as it stands at a field: its name without lists and non-null, and what was around it. */
export interface TypeRef {
  readonly name: string;
  readonly kind: string;
  readonly isList: boolean;
  readonly isRequired: boolean;
  /** As GraphQL writes it, such as `[PatientOrderBy!]`. */
  readonly text: string;
}

export interface FieldInfo {
  readonly name: string;
  readonly description: string | null;
  readonly type: TypeRef;
  readonly args: readonly { readonly name: string; readonly type: TypeRef }[];
}

export interface TypeInfo {
  readonly name: string;
  readonly kind: string;
  readonly description: string | null;
  /** Of objects and of inputs. */
  readonly fields: ReadonlyMap<string, FieldInfo>;
  readonly values: readonly string[];
}

/** The schema as the caller's role has it. */
export interface ApiSchema {
  readonly types: ReadonlyMap<string, TypeInfo>;
  readonly query: TypeInfo;
  readonly mutation: TypeInfo | undefined;
}

const operation = `query Schema { __schema { queryType { name } mutationType { name } types { name kind description
  fields { name description args { name type { ...T } } type { ...T } }
  inputFields { name description type { ...T } }
  enumValues { name } } } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;

interface RawType {
  readonly kind: string;
  readonly name: string | null;
  readonly ofType?: RawType | null;
}

interface RawField {
  readonly name: string;
  readonly description: string | null;
  readonly type: RawType;
  readonly args?: readonly { readonly name: string; readonly type: RawType }[];
}

interface Raw {
  readonly __schema: {
    readonly queryType: { readonly name: string };
    readonly mutationType: { readonly name: string } | null;
    readonly types: readonly {
      readonly name: string;
      readonly kind: string;
      readonly description: string | null;
      readonly fields: readonly RawField[] | null;
      readonly inputFields: readonly RawField[] | null;
      readonly enumValues: readonly { readonly name: string }[] | null;
    }[];
  };
}

/** Null until it is known, or where it cannot be. */
export const apiSchema = signal<ApiSchema | null>(null);
export const schemaErrors = signal<readonly ApiError[]>([]);

/** The role whose schema it is. */
let roleOfSchema: string | undefined;

/** Asks for the schema of a role, unless it is known: another role has another one. */
export async function loadSchema(role: string): Promise<void> {
  if (apiSchema.value !== null && roleOfSchema === role) return;
  roleOfSchema = role;
  const { data, errors } = await request<Raw, object>(operation, {});
  schemaErrors.value = errors;
  apiSchema.value = data === null ? null : schemaOf(data);
}

/** Milliseconds in which the schema is asked for at most once. */
const renewedEvery = 10_000;
let renewedAt = 0;

/** Learns the schema anew: the server may have been started again with another one. */
export async function renewSchema(): Promise<void> {
  if (Date.now() - renewedAt < renewedEvery) return;
  renewedAt = Date.now();
  const { data } = await request<Raw, object>(operation, {});
  if (data !== null) apiSchema.value = schemaOf(data);
}

function schemaOf({ __schema: raw }: Raw): ApiSchema {
  const types = new Map(
    raw.types.map(({ name, kind, description, fields, inputFields, enumValues }): [string, TypeInfo] => [
      name,
      {
        name,
        kind,
        description,
        fields: new Map((fields ?? inputFields ?? []).map((field) => [field.name, fieldOf(field)])),
        values: (enumValues ?? []).map((value) => value.name),
      },
    ]),
  );
  return {
    types,
    query: types.get(raw.queryType.name) as TypeInfo,
    mutation: types.get(raw.mutationType?.name ?? ''),
  };
}

function fieldOf({ name, description, type, args = [] }: RawField): FieldInfo {
  return {
    name,
    description,
    type: refOf(type),
    args: args.map((arg) => ({ name: arg.name, type: refOf(arg.type) })),
  };
}

function refOf(type: RawType): TypeRef {
  if (type.kind === 'NON_NULL' && type.ofType) {
    const inner = refOf(type.ofType);
    return { ...inner, isRequired: true, text: `${inner.text}!` };
  }
  if (type.kind === 'LIST' && type.ofType) {
    const inner = refOf(type.ofType);
    return { ...inner, isList: true, isRequired: false, text: `[${inner.text}]` };
  }
  const name = type.name ?? '';
  return { name, kind: type.kind, isList: false, isRequired: false, text: name };
}

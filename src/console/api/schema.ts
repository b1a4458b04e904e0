import { signal } from '@preact/signals';
import { type ApiError, isAway, request } from './request.ts';

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

/** Whose schema it is, and which: what was asked for last. */
let asked: string | undefined;

/**
 * Asks for the schema of a role, unless it is known: another role has another one, and a server that was started again may have.
 * The one before stays until it has come.
 *
 * @param digest as the server gives it for the role
 */
export async function loadSchema(role: string, digest: string): Promise<void> {
  const wanted = `${role} ${digest}`;
  if (asked === wanted && apiSchema.value !== null) return;
  asked = wanted;
  const { data, errors } = await request<Raw, object>(operation, {});
  if (asked !== wanted) return;
  schemaErrors.value = errors;
  if (data !== null) {
    apiSchema.value = schemaOf(data);
    return;
  }
  asked = undefined;
  if (isAway({ data, errors })) setTimeout(() => asked ?? loadSchema(role, digest), againMs);
  else apiSchema.value = null;
}

/** Milliseconds until a server that does not answer is asked again. */
const againMs = 3000;

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

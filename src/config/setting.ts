import type { Explanation } from '../errors/explanation.ts';
import type { SettingKind } from './kinds.ts';

/** One setting, once: its variable, its default and its documentation come from here. */
export interface Setting<T = unknown> {
  /** The variable; in a group of each cloud without that cloud's prefix. */
  readonly variable: string;
  readonly kind: SettingKind<T>;
  /** One or two sentences for the operator: what it is, in which unit, and what an empty value means. */
  readonly help: string;
  /** As the environment would have it. Without one, and not `required`, the value may be absent. */
  readonly default?: string;
  readonly required?: true;
  /** The suggestion of `.env.example` where there is no default. */
  readonly example?: string;
  /** Whether the value, or what it leads to, is a secret. */
  readonly secret?: true;
}

/** Settings of one concern, by the names under which the configuration has their values. */
export interface SettingsGroup<S extends Settings = Settings> {
  readonly title: string;
  /** The page in `docs/` that explains them. */
  readonly page: string;
  /** Beginning of variables that no other program has: an unknown variable with it is a mistake. */
  readonly prefix?: string;
  readonly settings: S;
  readonly rules?: readonly Rule<Values<S>, VariableOf<S>>[];
}

type Settings = Readonly<Record<string, Setting>>;
type VariableOf<S extends Settings> = S[keyof S]['variable'];

/** A condition between settings. */
export interface Rule<V, Variable extends string = string> {
  /** The one to correct. */
  readonly variable: Variable;
  /** The ones that `check` looks at, `variable` included: it does not run while one of them has a fault. */
  readonly needs: readonly Variable[];
  /** The fault, or undefined. Only values of `needs` are certain to be there. */
  check(values: V): Explanation | undefined;
}

type ValueOf<S> = S extends { readonly kind: SettingKind<infer T> } ? T : never;
type Present<S> = S extends { readonly default: string } | { readonly required: true } ? true : false;

/** The values of a group's settings. */
export type Values<S extends Settings> = {
  readonly [K in keyof S as Present<S[K]> extends true ? K : never]: ValueOf<S[K]>;
} & {
  readonly [K in keyof S as Present<S[K]> extends true ? never : K]?: ValueOf<S[K]>;
};

/** The values that a group gives to the configuration. */
export type ValuesOf<G extends SettingsGroup> = Values<G['settings']>;

/** A group as it is, with the types of its settings. */
export function settingsGroup<const S extends Settings>(group: SettingsGroup<S>): SettingsGroup<S> {
  return group;
}

import type { KeyEntry, ModelEntry, ModelObject, ProviderEntry } from './types.ts';

/** The entries of either form of `providers`. */
type EntryOf<P> = P extends readonly (infer E)[] ? E : P[keyof P];

type UnknownOption<T, Known> = T extends object
  ? Exclude<keyof T, keyof Known> extends infer K extends string
    ? `unknown option: ${K}`
    : never
  : never;

type MistakeInEntry<E> = E extends object
  ?
      | UnknownOption<E, ProviderEntry>
      | (E extends { readonly create: unknown }
          ? never
          : E extends { readonly models: readonly (infer M)[] }
            ? [M] extends [ModelObject]
              ? never
              : 'create is missing'
            : never)
      | (E extends { readonly keys: infer K }
          ? undefined extends K
            ? 'keys may be undefined'
            : K extends readonly (infer Key)[]
              ? UnknownOption<Key, KeyEntry>
              : never
          : never)
      | (E extends { readonly models: readonly (infer M)[] }
          ? M extends ModelObject
            ? never
            : UnknownOption<M, ModelEntry>
          : never)
  : never;

/**
 * Nothing where `providers` is well made, else what is wrong with it: what a type parameter lets
 * pass, since it takes over whatever is written.
 */
export type NoMistakeIn<P> = [MistakeInEntry<EntryOf<P>>] extends [never]
  ? unknown
  : { readonly providers: { readonly mistake: MistakeInEntry<EntryOf<P>> } };

import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Uniqueness } from '../model/uniqueness.ts';

/** Where one record breaks its contract. */
export interface Violation {
  /** JSON Schema keyword (`required`, `enum`, `format`, …) or one of ours (`duplicate_key`, `unrepresentable`, …). */
  readonly rule: string;
  /** RFC 6901 pointer into the record. */
  readonly pointer: string;
  readonly expected: string;
  /** What stood there, shortened to a bounded length. */
  readonly received: string;
}

/** The type of a Bronze column. `json` is text holding one JSON value that no exact column type can hold. */
export type ColumnType =
  | { readonly kind: 'string' | 'long' | 'double' | 'boolean' | 'timestamptz' | 'date' | 'json' }
  | { readonly kind: 'list'; readonly element: ColumnType }
  | {
      readonly kind: 'struct';
      readonly fields: readonly { readonly name: string; readonly type: ColumnType }[];
    };

export interface ContractColumn {
  /** Column name; `record_<property>` where the property bears the name of a system column. */
  readonly name: string;
  readonly property: string;
  readonly type: ColumnType;
  readonly doc?: string;
}

/** How a record of a change log says that it deletes. */
export interface DeletionTrait {
  readonly property: string;
  /** Values that say so; null: any but null, as in a time of deletion. */
  readonly values: readonly (string | boolean)[] | null;
}

/** What JSON Schema cannot say of a table. Built in for the contracts of v1, under `x-tidemark` in any other. */
export interface ContractTraits {
  /** Bronze table name, such as `ticket`. */
  readonly table: string;
  readonly businessKey: string;
  /** Property whose time sorts and bounds the data files; null where the table has none. */
  readonly eventTime: string | null;
  /** Properties, strongest first, that order the versions of one business key. */
  readonly versionOrder: readonly string[];
  /** Records that say that what their key names is gone; null where none can. */
  readonly deletion: DeletionTrait | null;
  /** What may come once alone; absent: a key comes as often as it comes. Nothing is turned away for it: see `key_collision`. */
  readonly unique?: Uniqueness;
  /** Left out of the record fingerprint: the same record delivered again differs in these alone. */
  readonly lineage: readonly string[];
  /** Properties that hold personal data, each with the tag that says of what kind: told with its column, never its values. */
  readonly pii: Readonly<Record<string, string>>;
  /** Properties that equal a trace anchor by construction and share its column. */
  readonly anchorProperties: readonly string[];
}

export interface Contract {
  /** The `$id`, such as `omni://contracts/data/ticket/v1`. */
  readonly ref: string;
  readonly path: string;
  /** SHA-256 of the canonical content, 64 lower hex: the contract's identity. */
  readonly hash: string;
  /** `$schema` normalised in this copy; the original is what is hashed. */
  readonly schema: JsonObject;
  readonly traits: ContractTraits;
  readonly columns: readonly ContractColumn[];
  /** The judge: JSON Schema 2020-12, formats asserted, all violations (bounded). Empty means valid. */
  validate(record: JsonValue): readonly Violation[];
}

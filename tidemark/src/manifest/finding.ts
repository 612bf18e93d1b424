import type { Problem } from './source-manifest.ts';

/** Names of the rules that reading one manifest's text can break. They are stable: reports and tests refer to them. */
export type TextRule =
  | 'invalid_utf8'
  | 'json_syntax'
  | 'json_too_deep'
  | 'yaml_syntax'
  | 'yaml_alias'
  | 'duplicate_field'
  | 'invalid_unicode'
  | 'missing_field'
  | 'unknown_field'
  | 'wrong_type'
  | 'unknown_value'
  | 'wrong_form'
  | 'out_of_range'
  | 'empty_value'
  | 'license_canonized'
  | 'duplicate_source_id'
  | 'duplicate_manifest_id'
  | 'pairing_modality'
  | 'pairing_source_type'
  | 'pairing_asset_type'
  | 'asset_contract'
  | 'source_fields'
  | 'forbidden_combination'
  | 'load_mode_needs'
  | 'secret_in_url'
  | 'more_problems';

/** A problem that does not know its file yet, and knows its place as an offset only where the pointer does not say it. */
export interface Finding {
  readonly rule: TextRule;
  readonly pointer: string;
  /** UTF-16 offset in the text; without it the value at the pointer is meant. */
  readonly offset?: number;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly suggestion?: string;
}

/**
 * Most problems that are told of one manifest. No person mends more at a time; what holds more is hardly a manifest
 * (16 MiB of `"a":1,` would be two million problems, and gigabytes of messages).
 */
export const PROBLEMS_MAX = 10_000;

/** Orders problems as a person meets them in the file. */
export function byPosition(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}

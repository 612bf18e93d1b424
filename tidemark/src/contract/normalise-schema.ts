import type { ExactObject } from '../model/exact-number.ts';
import { memberOf } from './schema-document.ts';

export const DRAFT_2020_12 = 'https://json-schema.org/draft/2020-12/schema';

/** Spellings that mean the same meta-schema; the one without `/schema` is how the v1 contracts are written. */
const SPELLINGS: ReadonlySet<string> = new Set([
  DRAFT_2020_12,
  `${DRAFT_2020_12}#`,
  'https://json-schema.org/draft/2020-12',
  'https://json-schema.org/draft/2020-12/',
]);

/**
 * A copy whose `$schema` is the official id of draft 2020-12, also where it was absent. Null where another draft is
 * declared: its keywords would be judged by other rules than its author had in mind.
 */
export function normaliseSchema(document: ExactObject): ExactObject | null {
  const declared = memberOf(document, '$schema');
  if (declared !== undefined && !(typeof declared === 'string' && SPELLINGS.has(declared))) return null;
  return { ...document, $schema: DRAFT_2020_12 };
}

import type { ObservedSchema } from '../bronze/observed-schema.ts';
import type { ContractChange } from '../contract/classify-change.ts';

/** What the records of one source in one batch were like. */
export interface SeenSchema extends ObservedSchema {
  readonly read: number;
  readonly accepted: number;
}

/** With fewer records on either side, single ones would decide. */
const RECORDS_MIN = 20;
/** Of the records read, what is no longer a slip. */
const SHARE_MIN = 0.01;
const SLIPS_MAX = 2;

/**
 * How the records of a source differ in kind from those of the batch before: `additive`, a property that the contract
 * does not name; `widening`, values of a type that it does not allow; `removal`, a property that no record has any more;
 * `key_change`, any of these at the business key. What the contract allows is no difference. Pure.
 */
export function compareSchemas(
  before: SeenSchema,
  now: SeenSchema,
  { businessKey }: { businessKey: string },
): ContractChange[] {
  if (Math.min(before.read, now.read) < RECORDS_MIN) return [];
  const known = new Set(before.unexpected.map(nameOf));
  const least = Math.max(SLIPS_MAX + 1, Math.ceil(now.read * SHARE_MIN));
  const appeared = now.unexpected
    .filter((one) => one.records >= least && !known.has(nameOf(one)))
    .map(
      ({ pointer, rule, received, records }): ContractChange => ({
        class: rule === 'type' ? 'widening' : 'additive',
        pointer,
        what: `${rule === 'type' ? 'is now a' : 'is new, a'} ${received} in ${records} records`,
      }),
    );
  const compared = Math.min(before.accepted, now.accepted) >= RECORDS_MIN;
  const gone = before.filled
    .filter((property) => compared && !now.filled.includes(property))
    .map(
      (property): ContractChange => ({
        class: 'removal',
        pointer: `/${property}`,
        what: 'is in no record any more',
      }),
    );
  return [...appeared, ...gone].map((change) =>
    change.pointer.split('/')[1] === businessKey ? { ...change, class: 'key_change' } : change,
  );
}

function nameOf({ pointer, rule, received }: ObservedSchema['unexpected'][number]): string {
  return JSON.stringify([pointer, rule, received]);
}

/** The splits of one source together. */
export function mergeSchemas(parts: readonly SeenSchema[]): SeenSchema {
  const unexpected = new Map<string, ObservedSchema['unexpected'][number]>();
  for (const one of parts.flatMap((part) => part.unexpected)) {
    const same = unexpected.get(nameOf(one));
    unexpected.set(nameOf(one), { ...one, records: one.records + (same?.records ?? 0) });
  }
  return {
    read: parts.reduce((sum, { read }) => sum + read, 0),
    accepted: parts.reduce((sum, { accepted }) => sum + accepted, 0),
    filled: [...new Set(parts.flatMap(({ filled }) => filled))],
    unexpected: [...unexpected.values()],
  };
}

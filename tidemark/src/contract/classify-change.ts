import type { JsonObject, JsonValue } from '../model/json.ts';
import { TRAITS_KEYWORD } from './declared-traits.ts';

/** What a change of a contract means for records that kept the old one, mildest first. */
export const CHANGE_CLASSES = ['additive', 'widening', 'narrowing', 'removal', 'key_change'] as const;
export type ChangeClass = (typeof CHANGE_CLASSES)[number];

export interface ContractChange {
  readonly class: ChangeClass;
  /** JSON pointer into the records; `*` stands for any item. */
  readonly pointer: string;
  readonly what: string;
}

/**
 * Every difference of two versions of a contract that can change an outcome. `additive`: a property that need not be
 * there. `widening`: more is valid. `narrowing`: less is valid, or what cannot be compared differs. `removal`: a property
 * is gone. `key_change`: any of these at the business key, or what `x-tidemark` says. Titles and descriptions are no difference.
 */
export function contractChanges(
  before: JsonObject,
  after: JsonObject,
  { businessKey }: { businessKey: string },
): ContractChange[] {
  return [...compare(before, after, '')].map((change) =>
    change.pointer.split('/')[1] === businessKey ? { ...change, class: 'key_change' } : change,
  );
}

/** The gravest of them; null where nothing changed that counts. */
export function classifyContractChange(changes: readonly ContractChange[]): ChangeClass | null {
  return CHANGE_CLASSES.findLast((name) => changes.some((change) => change.class === name)) ?? null;
}

const NOT_COMPARED =
  /^(title|description|\$comment|\$id|\$schema|\$anchor|examples|default|deprecated|readOnly|writeOnly)$/;
const LEAST = /^(minimum|exclusiveMinimum|minLength|minItems|minProperties|minContains)$/;
const MOST = /^(maximum|exclusiveMaximum|maxLength|maxItems|maxProperties|maxContains)$/;

function* compare(before: JsonObject, after: JsonObject, pointer: string): Generator<ContractChange> {
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const keyword of [...keywords].sort()) {
    const [old, now] = [before[keyword], after[keyword]];
    if (NOT_COMPARED.test(keyword) || isEqual(old, now)) continue;
    if (keyword === 'properties') yield* properties({ before, after, pointer });
    else if (keyword === 'required') yield* required({ old, now, before, after, pointer });
    else if (keyword === 'type') yield setChange({ keyword, old: types(old), now: types(now), pointer });
    else if (keyword === 'enum') yield setChange({ keyword, old: list(old), now: list(now), pointer });
    else if (keyword === '$defs') yield* definitions(old, now, pointer);
    else if (keyword === 'items' && isObject(old) && isObject(now)) yield* compare(old, now, `${pointer}/*`);
    else if (LEAST.test(keyword) || MOST.test(keyword)) yield bound({ keyword, old, now, pointer });
    else if (keyword === 'additionalProperties' && isObject(old) && isObject(now))
      yield* compare(old, now, `${pointer}/*`);
    else if (keyword === TRAITS_KEYWORD) {
      if (isEqual(judging(old), judging(now))) continue;
      yield { class: 'key_change', pointer, what: 'its table, keys, deletions or lineage are others' };
    } else yield rule({ keyword, old, now, pointer });
  }
}

/** Tags of personal data say how values are told, and what is unique what is an incident: neither which record comes in. */
function judging(traits: JsonValue | undefined): JsonValue | undefined {
  if (!isObject(traits)) return traits;
  const { pii: _, unique: __, ...others } = traits;
  return others;
}

function* properties({
  before,
  after,
  pointer,
}: {
  before: JsonObject;
  after: JsonObject;
  pointer: string;
}): Generator<ContractChange> {
  const [old, now] = [members(before.properties), members(after.properties)];
  const must = list(after.required) ?? [];
  for (const name of [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()) {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const [was, is] = [old[name], now[name]];
    if (was === undefined) {
      const needed = must.includes(JSON.stringify(name));
      yield needed
        ? { class: 'narrowing', pointer: at, what: 'is new and required' }
        : { class: 'additive', pointer: at, what: 'is new' };
    } else if (is === undefined) yield { class: 'removal', pointer: at, what: 'is gone' };
    else if (isObject(was) && isObject(is)) yield* compare(was, is, at);
    else if (!isEqual(was, is))
      yield { class: is === true ? 'widening' : 'narrowing', pointer: at, what: 'is another rule' };
  }
}

/** Of properties that both know: a new one that is required is told with the property. */
function* required({
  old,
  now,
  before,
  after,
  pointer,
}: {
  old: JsonValue | undefined;
  now: JsonValue | undefined;
  before: JsonObject;
  after: JsonObject;
  pointer: string;
}): Generator<ContractChange> {
  const [was, is] = [list(old) ?? [], list(now) ?? []];
  const known = (name: string) => name in members(before.properties) && name in members(after.properties);
  for (const text of is.filter((name) => !was.includes(name)).map((name) => String(JSON.parse(name))))
    if (known(text)) yield { class: 'narrowing', pointer: `${pointer}/${text}`, what: 'is required by now' };
  for (const text of was.filter((name) => !is.includes(name)).map((name) => String(JSON.parse(name))))
    if (known(text))
      yield { class: 'widening', pointer: `${pointer}/${text}`, what: 'need not be there by now' };
}

/** Null: everything is allowed. */
function setChange({
  keyword,
  old,
  now,
  pointer,
}: {
  keyword: string;
  old: string[] | null;
  now: string[] | null;
  pointer: string;
}): ContractChange {
  const added = now === null ? ['anything'] : old === null ? [] : now.filter((value) => !covers(old, value));
  const gone = old === null ? ['anything'] : now === null ? [] : old.filter((value) => !covers(now, value));
  const what = `${keyword}: ${[...added.map((value) => `+${value}`), ...gone.map((value) => `-${value}`)].slice(0, NAMED_MAX).join(' ')}`;
  return { class: gone.length > 0 ? 'narrowing' : 'widening', pointer, what };
}

const NAMED_MAX = 6;

/** Every integer is a number. */
function covers(values: readonly string[], value: string): boolean {
  return values.includes(value) || (value === '"integer"' && values.includes('"number"'));
}

function bound({
  keyword,
  old,
  now,
  pointer,
}: {
  keyword: string;
  old: JsonValue | undefined;
  now: JsonValue | undefined;
  pointer: string;
}): ContractChange {
  const what = `${keyword}: ${show(old)} → ${show(now)}`;
  const none = LEAST.test(keyword) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const [was, is] = [old === undefined ? none : Number(old), now === undefined ? none : Number(now)];
  const more = LEAST.test(keyword) ? is < was : is > was;
  return { class: more ? 'widening' : 'narrowing', pointer, what };
}

/** A rule that is dropped lets more in; a new or another one is taken to let less in, as what cannot be compared is. */
function rule({
  keyword,
  old,
  now,
  pointer,
}: {
  keyword: string;
  old: JsonValue | undefined;
  now: JsonValue | undefined;
  pointer: string;
}): ContractChange {
  const dropped = now === undefined || now === true;
  return {
    class: dropped ? 'widening' : 'narrowing',
    pointer,
    what: `${keyword}: ${show(old)} → ${show(now)}`,
  };
}

function* definitions(
  old: JsonValue | undefined,
  now: JsonValue | undefined,
  pointer: string,
): Generator<ContractChange> {
  for (const [name, was] of Object.entries(members(old))) {
    const is = members(now)[name];
    if (isObject(was) && isObject(is)) yield* compare(was, is, `${pointer}/$defs/${name}`);
  }
}

function types(value: JsonValue | undefined): string[] | null {
  return value === undefined ? null : [value].flat().map((type) => JSON.stringify(type));
}

function list(value: JsonValue | undefined): string[] | null {
  return Array.isArray(value) ? value.map((item) => JSON.stringify(item)) : null;
}

function members(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? 'none' : JSON.stringify(value).slice(0, 60);
}

function isEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: JsonValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => [name, sorted(item)]);
}

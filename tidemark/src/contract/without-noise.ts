import type { JsonObject, JsonValue } from '../model/json.ts';
import type { JudgeError } from './judge-error.ts';
import { followLocalRef, isSchemaObject, memberOf } from './schema-document.ts';

/**
 * Of the errors that ajv reports for one record, those that tell a person something:
 * - of `anyOf` / `oneOf`, the errors of the one alternative that is of the value's type, else the union's alone;
 * - of `if`, the errors of its `then` / `else`; of `propertyNames`, the name and not the rule inside.
 * Never empty for errors that are not.
 */
export function withoutNoise(errors: readonly JudgeError[], root: JsonObject): readonly JudgeError[] {
  const kept: JudgeError[] = [];
  // Per union of the schema, not per error: a record can break one union thousands of times.
  const unions = new Map<JsonValue, readonly Alternative[]>();
  const alternativesOf = (union: JudgeError) => {
    const known = unions.get(union.schema) ?? findAlternatives(union.schema as readonly JsonValue[], root);
    unions.set(union.schema, known);
    return known;
  };
  for (const error of errors) {
    if (error.propertyName !== undefined || error.keyword === 'if') continue;
    const isUnion = error.keyword === 'anyOf' || error.keyword === 'oneOf';
    kept.push(...(isUnion ? settleUnion(error, { kept, alternatives: alternativesOf(error) }) : [error]));
  }
  return kept.length > 0 ? kept : errors.slice(0, 1);
}

/**
 * Takes the errors of a union's alternatives off `kept`. They stand right before its own, in the order of the
 * alternatives; which one an error is of, the schema around it tells: one that applies to the union's own value for an
 * error there, else any within the alternative.
 */
function settleUnion(
  union: JudgeError,
  { kept, alternatives }: { readonly kept: JudgeError[]; readonly alternatives: readonly Alternative[] },
): readonly JudgeError[] {
  const errorsOf: JudgeError[][] = alternatives.map(() => []);
  let at = alternatives.length - 1;
  for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
    const { instancePath, parentSchema } = last;
    if (!instancePath.startsWith(union.instancePath)) break;
    const schemas = instancePath === union.instancePath ? 'inPlace' : 'all';
    while (at >= 0 && !alternatives[at]?.[schemas].has(parentSchema)) at -= 1;
    if (at < 0) break;
    errorsOf[at]?.push(last);
    kept.pop();
  }
  if (Array.isArray(union.params.passingSchemas)) return [union];
  const ofItsType = errorsOf.filter(
    (errors) => errors.length > 0 && !errors.some((error) => isOtherType(error, union)),
  );
  return ofItsType.length === 1 ? (ofItsType[0] as JudgeError[]).reverse() : [union];
}

function isOtherType(error: JudgeError, union: JudgeError): boolean {
  if (error.instancePath !== union.instancePath) return false;
  return error.keyword === 'type' || error.keyword === 'const' || error.keyword === 'enum';
}

interface Alternative {
  /** Its schemas that apply to the union's own value. */
  readonly inPlace: ReadonlySet<unknown>;
  readonly all: ReadonlySet<unknown>;
}

function findAlternatives(schemas: readonly JsonValue[], root: JsonObject): readonly Alternative[] {
  return schemas.map((schema) => ({
    inPlace: schemasWithin(schema, { root, keywords: IN_PLACE }),
    all: schemasWithin(schema, { root, keywords: null }),
  }));
}

/** Keywords whose schemas apply to the same value as the schema around them. */
const IN_PLACE: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else']);

/** A schema and those within it, references into the document included; ajv names schemas by identity. */
function schemasWithin(
  schema: JsonValue,
  by: { readonly root: JsonObject; readonly keywords: ReadonlySet<string> | null },
): ReadonlySet<unknown> {
  const found = new Set<unknown>();
  const open: JsonValue[] = [schema];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || found.has(next)) continue;
    found.add(next);
    for (const [keyword, item] of Object.entries(next)) {
      if (by.keywords === null || Array.isArray(next) || by.keywords.has(keyword))
        open.push(item as JsonValue);
    }
    const ref = isSchemaObject(next) ? memberOf(next, '$ref') : undefined;
    const target = typeof ref === 'string' ? followLocalRef(by.root, ref) : undefined;
    if (target !== undefined) open.push(target as JsonValue);
  }
  return found;
}

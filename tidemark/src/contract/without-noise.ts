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
  for (const error of errors) {
    if (error.propertyName !== undefined || error.keyword === 'if') continue;
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') kept.push(...settleUnion(error, kept, root));
    else kept.push(error);
  }
  return kept.length > 0 ? kept : errors.slice(0, 1);
}

/** Takes the errors of a union's alternatives, which stand right before its own, off `kept`. */
function settleUnion(union: JudgeError, kept: JudgeError[], root: JsonObject): readonly JudgeError[] {
  const alternatives = (union.schema as readonly JsonValue[]).map((schema) => subschemasOf(schema, root));
  const errorsOf: JudgeError[][] = alternatives.map(() => []);
  for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
    const { instancePath, parentSchema } = last;
    const at = alternatives.findIndex((schemas) => schemas.has(parentSchema));
    if (at === -1 || !instancePath.startsWith(union.instancePath)) break;
    errorsOf[at]?.unshift(last);
    kept.pop();
  }
  if (Array.isArray(union.params.passingSchemas)) return [union];
  const ofItsType = errorsOf.filter(
    (found) => found.length > 0 && !found.some((error) => isOtherType(error, union)),
  );
  return ofItsType.length === 1 ? (ofItsType[0] as JudgeError[]) : [union];
}

function isOtherType(error: JudgeError, union: JudgeError): boolean {
  if (error.instancePath !== union.instancePath) return false;
  return error.keyword === 'type' || error.keyword === 'const' || error.keyword === 'enum';
}

/** A schema and every schema within it, references into the document included; ajv names them by identity. */
function subschemasOf(schema: JsonValue, root: JsonObject, found = new Set<unknown>()): ReadonlySet<unknown> {
  if (typeof schema !== 'object' || schema === null || found.has(schema)) return found;
  found.add(schema);
  for (const item of Object.values(schema)) subschemasOf(item as JsonValue, root, found);
  const ref = isSchemaObject(schema) ? memberOf(schema, '$ref') : undefined;
  const target = typeof ref === 'string' ? followLocalRef(root, ref) : undefined;
  return target === undefined ? found : subschemasOf(target as JsonValue, root, found);
}

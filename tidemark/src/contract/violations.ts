import { isJsonObject, type JsonObject, pointerTo } from '../model/json.ts';
import type { Violation } from './contract.ts';
import { expectationOf } from './expectation.ts';
import type { JudgeError } from './judge-error.ts';
import { shortenText, shortenValue } from './shorten-value.ts';
import { withoutNoise } from './without-noise.ts';

/** Longest pointer that a violation carries, in UTF-16 code units: names in a record can be as long as the record. */
const POINTER_MAX = 512;

/** The errors of one record as violations: at least one and at most `violationsMax`, none told twice. */
export function violationsOf(input: {
  readonly errors: readonly JudgeError[];
  /** The contract's schema. */
  readonly root: JsonObject;
  readonly violationsMax: number;
}): readonly Violation[] {
  const told = new Map<string, Violation>();
  for (const error of withoutNoise(input.errors, input.root)) {
    const violation = toViolation(error, input.root);
    told.set(JSON.stringify(violation), violation);
    if (told.size >= input.violationsMax) break;
  }
  return [...told.values()];
}

function toViolation(error: JudgeError, root: JsonObject): Violation {
  const property = namedProperty(error);
  const pointer = property === null ? error.instancePath : pointerTo(error.instancePath, property.name);
  return {
    rule: error.keyword === 'false schema' ? 'false_schema' : error.keyword,
    pointer: shortenText(pointer, POINTER_MAX),
    expected: expectationOf(error, root),
    received: property === null ? shortenValue(error.data) : property.received,
  };
}

/** The property that an error is about, where that is a member of what stands at its path. */
function namedProperty(error: JudgeError): { readonly name: string; readonly received: string } | null {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = error.params;
  if (typeof missingProperty === 'string') return { name: missingProperty, received: 'missing' };
  if (typeof propertyName === 'string') return { name: propertyName, received: shortenValue(propertyName) };
  const extra = additionalProperty ?? unevaluatedProperty;
  if (typeof extra !== 'string' || !isJsonObject(error.data)) return null;
  return { name: extra, received: shortenValue(error.data[extra] ?? null) };
}

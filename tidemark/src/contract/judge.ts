import { createRequire } from 'node:module';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { canonicalJson } from '../model/canonical-json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import type { Violation } from './contract.ts';
import { isDateTime } from './date-time.ts';
import { isMultipleOf } from './exact-multiple.ts';
import type { JudgeError } from './judge-error.ts';
import { findJudgeGap } from './judge-gap.ts';
import { compilePattern } from './pattern.ts';
import { violationsOf } from './violations.ts';

/** Beyond this many values a record's first violation is told, not all: the list of them would outgrow memory. */
const EXPLAINED_VALUES_MAX = 10_000;

const require = createRequire(import.meta.url);
// Loaded when something is to be judged: what only tells of the past does not wait for it.
const loadAjv = () => require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
const loadFormats = () => (require('ajv-formats') as typeof import('ajv-formats')).default;

export type Judge =
  | {
      readonly kind: 'judge';
      validate(record: JsonValue): readonly Violation[];
      /** What the contract asks for and the judge does not check, such as a format that nobody defined. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'unusable'; readonly reason: string };

const ENDLESS: Violation = {
  rule: 'endless_schema',
  pointer: '',
  expected: 'a record whose judgement ends',
  received: 'one for which the contract refers to itself without end',
};

/**
 * Compiles a JSON Schema 2020-12 (already normalised, held against its meta-schema) into the judge of its records.
 * Formats are asserted. Unknown keywords are annotations, as the draft has it. Numbers are compared as doubles: an
 * `ExactNumber` is judged by its nearest double and then held exactly, or not at all, by its column.
 */
export function compileJudge(input: { readonly schema: JsonObject; readonly limits: Limits }): Judge {
  const { schema, limits } = input;
  const gap = findJudgeGap(schema);
  if (gap !== null) return { kind: 'unusable', reason: gap };
  const notes = new Set<string>();
  let decide: ValidateFunction;
  try {
    decide = compile(schema, { allErrors: false, warn: (message) => notes.add(message) });
  } catch (error) {
    return { kind: 'unusable', reason: reasonOf(error) };
  }
  let explainAll: ValidateFunction | undefined;

  function validate(record: JsonValue): readonly Violation[] {
    try {
      return judge(record);
    } catch (error) {
      // A schema that refers to itself without consuming anything, which only a record can show.
      if (error instanceof RangeError) return [ENDLESS];
      throw error;
    }
  }

  function judge(record: JsonValue): readonly Violation[] {
    if (decide(record)) return [];
    let errors = decide.errors;
    if (countValues(record, EXPLAINED_VALUES_MAX) < EXPLAINED_VALUES_MAX) {
      explainAll ??= compile(schema, { allErrors: true, warn: () => {} });
      explainAll(record);
      errors = explainAll.errors;
    }
    return violationsOf({
      errors: (errors ?? []) as ErrorObject[] as JudgeError[],
      root: schema,
      violationsMax: limits.violationsPerRecordMax,
    });
  }
  return { kind: 'judge', validate, notes: [...notes] };
}

type Ajv = InstanceType<ReturnType<typeof loadAjv>['Ajv2020']>;

let metaJudge: Ajv | undefined;

/** What makes a document no JSON Schema 2020-12, a line per fault; empty when it is one. */
export function faultsOfSchema(schema: JsonObject): readonly string[] {
  metaJudge ??= new (loadAjv().Ajv2020)({ allErrors: true, strict: false, logger: false });
  if (metaJudge.validateSchema(schema)) return [];
  const faults = (metaJudge.errors ?? []).map((error) =>
    `${error.instancePath || '/'} ${error.message ?? ''}`.trim(),
  );
  return [...new Set(faults)];
}

function compile(
  schema: JsonObject,
  options: { readonly allErrors: boolean; readonly warn: (message: string) => void },
): ValidateFunction {
  const ajv = new (loadAjv().Ajv2020)({
    strict: false,
    // A number beyond the doubles is still a number: infinite here, and held or refused by its column.
    strictNumbers: false,
    allErrors: options.allErrors,
    verbose: true,
    ownProperties: true,
    // The caller has held it against the meta-schema already.
    validateSchema: false,
    meta: false,
    logger: { log() {}, warn: options.warn, error() {} },
    code: { regExp: patternEngine(options.warn) },
  });
  addAllFormats(ajv);
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: allDiffer });
  ajv.removeKeyword('multipleOf');
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: (divisor: number, value: number) => isMultipleOf(value, divisor),
  });
  return ajv.compile(schema);
}

function addAllFormats(ajv: Ajv): Ajv {
  loadFormats()(ajv, { mode: 'full' });
  ajv.addFormat('date-time', { type: 'string', validate: isDateTime });
  ajv.addFormat('regex', { type: 'string', validate: isPattern });
  return ajv;
}

let formats: Ajv['formats'] | undefined;

/** The judge's own test of texts of a format; null for a format that it does not know, or that is of numbers. */
export function formatTest(name: string): ((text: string) => boolean) | null {
  formats ??= addAllFormats(new (loadAjv().Ajv2020)({ strict: false, logger: false })).formats;
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (format === undefined) return null;
  if (format === true) return () => true;
  const isDefinition = !(format instanceof RegExp) && typeof format === 'object';
  if (isDefinition && (format.type === 'number' || format.async === true)) return null;
  const test = (isDefinition ? format.validate : format) as RegExp | ((text: string) => boolean) | true;
  if (test === true) return () => true;
  return test instanceof RegExp ? (text) => test.test(text) : test;
}

/** ajv's shape for a pattern engine; `code` matters only to schemas compiled to source text, which these are not. */
function patternEngine(warn: (message: string) => void) {
  const engine = (source: string) => {
    const pattern = compilePattern(source);
    if (!pattern.isBounded) warn(`pattern ${source} looks around or back: some texts may take it very long`);
    return pattern;
  };
  return Object.assign(engine, { code: 'compilePattern' });
}

/** ajv compares every pair of items; this is linear, so that a long array of a hostile record costs no hours. */
function allDiffer(asked: boolean, items: readonly JsonValue[]): boolean {
  return !asked || new Set(items.map((item) => canonicalJson(item))).size === items.length;
}

function isPattern(text: string): boolean {
  try {
    compilePattern(text);
    return true;
  } catch {
    return false;
  }
}

/** Counts the values within a value, up to `countMax`. */
function countValues(value: JsonValue, countMax: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const name in value) {
    if (count >= countMax) break;
    count += countValues((value as JsonObject)[name] as JsonValue, countMax - count);
  }
  return count;
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'its references never end, or are nested too deeply';
  return error instanceof Error ? error.message : String(error);
}

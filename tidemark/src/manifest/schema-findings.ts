import { createRequire } from 'node:module';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject, type JsonValue, pointerTo } from '../model/json.ts';
import { nearMiss } from '../model/near-miss.ts';
import { type Finding, PROBLEMS_MAX } from './finding.ts';
import { type JsonNode, locate } from './json-node.ts';
import { showValue } from './show-value.ts';
import v1 from './source-manifest-v1.schema.json' with { type: 'json' };
import v2 from './source-manifest-v2.schema.json' with { type: 'json' };

export interface SchemaJudgement {
  readonly findings: readonly Finding[];
  /** Pointers of values that are reported already, or that a reported misspelling meant: no rule judges them again. */
  readonly unsound: ReadonlySet<string>;
}

/** The `schema_version` of the second form; what says anything else is judged by the first. */
export const MANIFEST_V2 = 'source_manifest_v2';

/** Judges a document by the form that it says it has; one mistake is one finding. */
export function schemaFindings({ root, value }: { root: JsonNode; value: JsonValue }): SchemaJudgement {
  const isV2 = isJsonObject(value) && value.schema_version === MANIFEST_V2;
  const validate = manifestValidator(isV2 ? MANIFEST_V2 : 'source_manifest_v1');
  validate(value);
  const errors = (validate.errors ?? []).slice(0, PROBLEMS_MAX + 1);
  const unknown = errors.filter((error) => error.keyword === 'additionalProperties').map(unknownField(root));
  const unsound = new Set(unknown.flatMap(({ meant }) => (meant === undefined ? [] : [meant])));
  const findings = unknown.map(({ finding }) => finding);
  for (const error of errors) {
    if (error.keyword === 'required') {
      const pointer = pointerTo(error.instancePath, error.params.missingProperty);
      const standsThere = unsound.has(pointer) || locate(root, pointer) !== undefined;
      if (!standsThere) findings.push(missingField(error));
    } else if (error.keyword !== 'additionalProperties' && !unsound.has(error.instancePath)) {
      // Ajv names the type before it judges anything else of a value: the first error of a place is the plainest.
      unsound.add(error.instancePath);
      findings.push(wrongValue(error));
    }
  }
  return { findings, unsound };
}

function unknownField(root: JsonNode) {
  return (error: ErrorObject): { readonly finding: Finding; readonly meant?: string } => {
    const name: string = error.params.additionalProperty;
    const pointer = pointerTo(error.instancePath, name);
    const free = Object.keys(error.parentSchema?.properties ?? {}).filter(
      (known) => !(isJsonObject(error.data) && Object.hasOwn(error.data, known)),
    );
    const suggestion = nearMiss(name, free);
    const offset = locate(root, pointer)?.name;
    const finding: Finding = {
      rule: 'unknown_field',
      pointer,
      ...(offset === undefined ? {} : { offset }),
      message: `${ownerName(error.instancePath)} has no field ${showValue(name)}`,
      expected: free.length === 0 ? 'no further field' : `no other field than ${free.join(', ')}`,
      found: showValue(name),
      ...(suggestion === undefined ? {} : { suggestion }),
    };
    return suggestion === undefined
      ? { finding }
      : { finding, meant: pointerTo(error.instancePath, suggestion) };
  };
}

function missingField(error: ErrorObject): Finding {
  const name: string = error.params.missingProperty;
  const form: JsonObject = error.parentSchema?.properties[name] ?? {};
  return {
    rule: 'missing_field',
    pointer: error.instancePath,
    message: `${ownerName(error.instancePath)} lacks the field ${showValue(name)}`,
    expected: `${name}: ${describeForm(form)}`,
    found: 'no such field',
  };
}

const RULE_OF_KEYWORD: Readonly<Record<string, Finding['rule']>> = {
  type: 'wrong_type',
  enum: 'unknown_value',
  const: 'unknown_value',
  pattern: 'wrong_form',
  format: 'wrong_form',
  minimum: 'out_of_range',
  minLength: 'empty_value',
  minItems: 'empty_value',
};

function wrongValue(error: ErrorObject): Finding {
  const rule = RULE_OF_KEYWORD[error.keyword] ?? 'wrong_form';
  const form: JsonObject = error.parentSchema ?? {};
  const suggestion = suggestValue(error, form);
  return {
    rule,
    pointer: error.instancePath,
    message: `${valueName(error.instancePath)} ${SAID_OF_RULE[rule] ?? 'cannot be used'}`,
    expected: describeForm(form),
    found: showValue(error.data),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

const SAID_OF_RULE: Partial<Record<Finding['rule'], string>> = {
  wrong_type: 'is of the wrong type',
  unknown_value: 'is none of the known values',
  wrong_form: 'does not have the right form',
  out_of_range: 'is out of range',
  empty_value: 'is empty',
};

function suggestValue(error: ErrorObject, form: JsonObject): string | undefined {
  if (typeof error.data !== 'string') return undefined;
  if (error.keyword === 'pattern') {
    const lower = error.data.toLowerCase();
    return new RegExp(error.schema as string, 'u').test(lower) ? lower : undefined;
  }
  return nearMiss(error.data, allowedTexts(form));
}

function allowedTexts(form: JsonObject): string[] {
  const allowed = Array.isArray(form.enum) ? form.enum : [form.const];
  return allowed.filter((value) => typeof value === 'string');
}

/** What a schema asks of one value, in words. */
export function describeForm(form: JsonObject): string {
  const types = [form.type ?? []].flat();
  const orNull = types.includes('null') ? ' or null' : '';
  const texts = allowedTexts(form);
  if (texts.length === 1) return `${showValue(texts[0])}${orNull}`;
  if (texts.length > 1) return `one of ${texts.join(', ')}${orNull}`;
  return `${describeType(types, form)}${orNull}`;
}

function describeType(types: readonly JsonValue[], form: JsonObject): string {
  const example = Array.isArray(form.examples) ? `, such as ${form.examples[0]}` : '';
  const atLeast = typeof form.minimum === 'number' ? ` of at least ${form.minimum}` : '';
  if (form.format === 'date-time') return `an RFC 3339 time with its zone${example}`;
  if (form.pattern !== undefined) return `text of the form ${form.pattern}${example}`;
  if (types.includes('string')) return form.minLength === undefined ? 'text' : 'text that is not empty';
  if (types.includes('integer')) return `a whole number${atLeast}`;
  if (types.includes('number')) return `a number${atLeast}`;
  if (types.includes('boolean')) return 'true or false';
  if (types.includes('array')) return 'a list of at least one asset';
  return 'an object';
}

function ownerName(pointer: string): string {
  if (pointer === '') return 'the manifest';
  return /^\/assets\/\d+$/.test(pointer) ? 'an asset' : `\`${pointer.slice(1)}\``;
}

function valueName(pointer: string): string {
  return pointer === '' ? 'the document' : `\`${pointer.slice(pointer.lastIndexOf('/') + 1)}\``;
}

/** `ajv-formats` also takes a blank between date and time and a bare hour as zone; RFC 3339 and our readers do not. */
const RFC_3339_SHAPE = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

const require = createRequire(import.meta.url);
const FORMS = { source_manifest_v1: v1, [MANIFEST_V2]: v2 };
const compiled = new Map<keyof typeof FORMS, ValidateFunction>();

/** Loaded and compiled at first use: a command that reads no manifest does not wait for it. */
function manifestValidator(version: keyof typeof FORMS): ValidateFunction {
  let validate = compiled.get(version);
  if (validate === undefined) {
    const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
    const addFormats = require('ajv-formats') as typeof import('ajv-formats');
    const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true });
    addFormats.default(ajv, ['date-time']);
    const lenient = ajv.formats['date-time'] as { validate(text: string): boolean };
    ajv.addFormat('date-time', (text) => RFC_3339_SHAPE.test(text) && lenient.validate(text));
    validate = ajv.compile(FORMS[version]);
    compiled.set(version, validate);
  }
  return validate;
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildContract } from '../../tidemark/src/contract/build-contract.ts';
import type { Contract } from '../../tidemark/src/contract/contract.ts';
import type { ExactObject, ExactValue } from '../../tidemark/src/model/exact-number.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { readStrictJson } from '../../tidemark/src/refine/strict-json.ts';

/** One schema of the public JSON-Schema-Test-Suite, and what its documents should be judged. */
export interface SuiteGroup {
  /** Such as `optional/format/date-time.json: validation of date-time strings`. */
  readonly name: string;
  readonly schema: ExactValue;
  readonly tests: readonly {
    readonly description: string;
    readonly data: ExactValue;
    readonly valid: boolean;
  }[];
}

/** Required tests, and those of formats, which we assert. */
const FOLDERS = ['.', 'optional/format'];

/** Nesting of the suite's own files; the documents in them are shallow. */
const DEPTH_MAX = 200;

export async function readSuite(draftDir: string): Promise<SuiteGroup[]> {
  const groups: SuiteGroup[] = [];
  for (const folder of FOLDERS) {
    const names = (await readdir(join(draftDir, folder))).filter((name) => name.endsWith('.json')).sort();
    for (const name of names) {
      const path = join(folder, name);
      const text = await readFile(join(draftDir, path), 'utf8');
      const reading = readStrictJson(text, DEPTH_MAX);
      if (reading.kind === 'violation') throw new Error(`${path} is not JSON: ${reading.violation.received}`);
      for (const group of reading.value as unknown as (SuiteGroup & { description: string })[])
        groups.push({ name: `${path}: ${group.description}`, schema: group.schema, tests: group.tests });
    }
  }
  return groups;
}

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const REF = 'omni://contracts/data/ticket/v1';

/** A contract whose records hold the document under test in `v`, or why the contract is refused. */
export function contractOf(schema: ExactValue): Contract | string {
  const document = {
    $schema: DRAFT,
    $id: REF,
    type: 'object',
    required: ['ticket_id', 'v'],
    properties: {
      ticket_id: { type: 'string' },
      created_at: { type: ['string', 'null'], format: 'date-time' },
      v: embedded(schema),
    },
  } as unknown as ExactObject;
  const reading = buildContract({ ref: REF, path: 'suite', document, limits: DEFAULT_LIMITS });
  return reading.kind === 'contract' ? reading.contract : reading.reason;
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'array'];

/**
 * The same schema for documents of one type each, where it names none: that is what the compiled lane knows. The suite
 * says nothing of these; both lanes have to say the same.
 */
export function narrowed(schema: ExactValue): readonly ExactValue[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema) || 'type' in schema) return [];
  return TYPES.map((type) => ({ ...(schema as ExactObject), type: [type, 'null'] }));
}

/**
 * A schema with references is a resource of its own, so that `#` in it is its own root. A `$ref` beside `$id` would send
 * ajv round in circles; inside `allOf` it says the same. That its draft is ours is said by the contract.
 */
function embedded(schema: ExactValue): ExactValue {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const { $schema, ...said } = schema as ExactObject;
  const own = { ...said, ...($schema !== undefined && $schema !== DRAFT && { $schema }) };
  if (!/"\$(ref|id|anchor|dynamicRef)"/.test(JSON.stringify(own))) return own;
  const { $ref, allOf = [], ...rest } = own as ExactObject & { allOf?: readonly ExactValue[] };
  const branches = $ref === undefined ? allOf : [...allOf, { $ref }];
  return { $id: 'https://suite.example/root', ...rest, ...(branches.length > 0 && { allOf: branches }) };
}

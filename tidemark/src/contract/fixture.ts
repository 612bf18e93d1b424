import { toPlainJson } from '../model/exact-number.ts';
import type { JsonObject } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import type { Violation } from './contract.ts';
import { compileJudge } from './judge.ts';
import { readDocument } from './read-document.ts';

/** One record with the outcome that its contract is claimed to give it. */
export interface FixtureCase {
  readonly name: string;
  readonly record: JsonObject;
  readonly outcome: 'valid' | 'invalid';
  /** All of the record's violations, in any order; without it, an invalid record may have any. */
  readonly violations?: readonly Pick<Violation, 'rule' | 'pointer'>[];
}

export interface Fixture {
  readonly contract: string;
  readonly cases: readonly FixtureCase[];
}

export type FixtureReading =
  | { readonly kind: 'fixture'; readonly fixture: Fixture }
  | { readonly kind: 'malformed'; readonly problems: readonly string[] };

/** Strict about names: a misspelt `violations` would otherwise claim nothing, and pass. */
const FIXTURE_FORM: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['contract', 'cases'],
  properties: {
    contract: { type: 'string', minLength: 1 },
    cases: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'record', 'outcome'],
        properties: {
          name: { type: 'string', minLength: 1 },
          record: { type: 'object' },
          outcome: { enum: ['valid', 'invalid'] },
          violations: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['rule', 'pointer'],
              properties: { rule: { type: 'string' }, pointer: { type: 'string' } },
            },
          },
        },
      },
    },
  },
};

export async function readFixture(input: {
  readonly path: string;
  readonly limits: Limits;
}): Promise<FixtureReading> {
  const { path, limits } = input;
  const reading = await readDocument({ path, bytesMax: limits.declarationBytesMax });
  if (reading.kind === 'unreadable') return { kind: 'malformed', problems: [reading.reason] };
  const document = toPlainJson(reading.document) as JsonObject;
  const form = compileJudge({ schema: FIXTURE_FORM, limits });
  if (form.kind === 'unusable') return { kind: 'malformed', problems: [form.reason] };
  const problems = form
    .validate(document)
    .map(({ pointer, expected, received }) => `${pointer || '/'}: expected ${expected}, found ${received}`);
  // Held against FIXTURE_FORM just now, which is this type written as a schema.
  return problems.length > 0
    ? { kind: 'malformed', problems }
    : { kind: 'fixture', fixture: document as unknown as Fixture };
}

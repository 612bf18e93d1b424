import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { ContractColumn } from '../contract/contract.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import { ExactNumber, type ExactValue } from '../model/exact-number.ts';
import { compileCanonicalRecord } from './canonical-record.ts';

const PROPERTIES = ['b', 'a', 'é', '中', '😀', '1', 'toString', '__proto__', 'a"b', 'lineage'];
const columns = PROPERTIES.map(
  (property): ContractColumn => ({ name: property, property, type: { kind: 'json' } }),
);
const traits = {
  table: 'ticket',
  businessKey: 'a',
  eventTime: null,
  versionOrder: [],
  deletion: null,
  lineage: ['lineage', 'more lineage'],
  pii: {},
  anchorProperties: [],
};
const write = compileCanonicalRecord({ columns, traits });

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom<ExactValue>(
    null,
    true,
    0,
    -0,
    1.5,
    new ExactNumber('9007199254740993'),
    '"',
    '\\',
    '\n',
    '\u007f',
  ),
);
const value: fc.Arbitrary<ExactValue> = fc.oneof(
  scalar,
  fc.array(scalar),
  fc.dictionary(fc.string(), scalar),
);
const record = fc
  .array(fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...PROPERTIES) }, fc.string()), value))
  .map((members) => Object.fromEntries(members));

it('a record has the same canonical form as any JSON value', () => {
  fc.assert(
    fc.property(record, (one) => {
      const expected = canonicalJson(one, new Set(traits.lineage));
      assert.equal(write(one, false), expected);
      if (!JSON.stringify(one).includes('\\')) assert.equal(write(one, true), expected);
    }),
    { numRuns: 2000 },
  );
});

it('a record of nothing, or of lineage alone, is an empty object', () => {
  assert.equal(write({}, true), '{}');
  assert.equal(write({ lineage: 'x' }, true), '{}');
});

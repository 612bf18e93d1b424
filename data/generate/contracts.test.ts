import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { compileContract, type Rule } from './contract-judge.ts';

const contracts = join(import.meta.dirname, '../../contracts');

interface Fixture {
  readonly contract: string;
  readonly cases: readonly {
    readonly name: string;
    readonly record: object;
    readonly outcome: 'valid' | 'invalid';
    readonly violations: readonly Rule[];
  }[];
}

for (const file of readdirSync(join(contracts, 'data'))) {
  describe(`contract ${file}`, () => {
    const judge = compileContract(join(contracts, 'data', file));
    const fixture = JSON.parse(readFileSync(join(contracts, 'fixtures', file), 'utf8')) as Fixture;

    test('is named by its file and says which version it is', () => {
      assert.equal(judge.schema.$id, `omni://contracts/data/${file.replace('.json', '')}/v1`);
      assert.equal(judge.schema.$schema, 'https://json-schema.org/draft/2020-12');
      assert.equal(fixture.contract, judge.schema.$id);
    });

    test('explains every property and knows every one that it requires', () => {
      for (const [name, property] of Object.entries(judge.schema.properties)) {
        assert.ok(property.description, `${name} has no description`);
      }
      for (const name of judge.schema.required) assert.ok(judge.schema.properties[name], name);
    });

    for (const { name, record, outcome, violations } of fixture.cases) {
      test(`${outcome}: ${name}`, () => {
        assert.equal(violations.length === 0, outcome === 'valid');
        assert.deepEqual(judge.violations(record), sorted(violations));
      });
    }
  });
}

test('no fixture is without its contract', () => {
  assert.deepEqual(readdirSync(join(contracts, 'fixtures')), readdirSync(join(contracts, 'data')));
});

function sorted(rules: readonly Rule[]): Rule[] {
  return [...rules].sort((a, b) => a.pointer.localeCompare(b.pointer) || a.rule.localeCompare(b.rule));
}

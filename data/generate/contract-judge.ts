import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export interface Rule {
  readonly rule: string;
  readonly pointer: string;
}

export interface ContractSchema {
  readonly $schema: string;
  readonly $id: string;
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
}

/**
 * A judge for the tests of the sample world, on purpose not the engine's: plain Ajv in strict mode with formats. A
 * missing or unknown property is pointed at itself, not at the record that lacks or holds it.
 */
export function compileContract(path: string): {
  schema: ContractSchema;
  violations(record: unknown): Rule[];
} {
  const schema = JSON.parse(readFileSync(path, 'utf8')) as ContractSchema;
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  formats.default(ajv);
  // Contracts are written without the last part of the address; draft 2020-12 is meant.
  const validate = ajv.compile({ ...schema, $schema: 'https://json-schema.org/draft/2020-12/schema' });
  return {
    schema,
    violations(record) {
      if (validate(record)) return [];
      return (validate.errors ?? [])
        .map(({ keyword, instancePath, params }) => {
          const property: unknown = params.missingProperty ?? params.additionalProperty;
          const token =
            typeof property === 'string' ? `/${property.replaceAll('~', '~0').replaceAll('/', '~1')}` : '';
          return { rule: keyword, pointer: instancePath + token };
        })
        .sort((a, b) => a.pointer.localeCompare(b.pointer) || a.rule.localeCompare(b.rule));
    },
  };
}

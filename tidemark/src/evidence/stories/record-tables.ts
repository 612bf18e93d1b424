import type { DeletionRule } from '../../bronze/current/version-rule.ts';
import { contractTable } from '../../bronze/table-definitions.ts';
import { listTables } from '../../catalog/iceberg-tables.ts';
import type { Contract } from '../../contract/contract.ts';
import { isJsonObject } from '../../model/json.ts';
import { QUARANTINE_TABLE, REJECTS_TABLE, SKIPS_TABLE } from '../../model/table-names.ts';
import type { Archive } from '../archive.ts';
import { liveFilesOf, type PlacedFile } from '../live-files.ts';

/** A contract's table, with what a search for one of its records needs. */
export interface RecordTable {
  readonly table: string;
  readonly files: readonly PlacedFile[];
  /** Columns by which a record is known to people, the business key first. */
  readonly idColumns: readonly string[];
  /** Columns that order the versions of one business key, strongest first. */
  readonly versionColumns: readonly string[];
  readonly eventTimeColumn: string | null;
  /** Null where no record can delete. */
  readonly deletion: DeletionRule | null;
}

/** Tables of records that hold any file. */
export async function recordTables({ catalog, contracts }: Archive): Promise<RecordTable[]> {
  const others = new Set([REJECTS_TABLE, SKIPS_TABLE, QUARANTINE_TABLE]);
  const tables: RecordTable[] = [];
  for (const { table } of await listTables(catalog)) {
    if (others.has(table)) continue;
    const files = await liveFilesOf(catalog, table);
    if (files.length === 0) continue;
    const contract = contractOf(contracts, table);
    const column = (property: string) =>
      contract?.columns.find((entry) => entry.property === property)?.name ?? null;
    const columns = (properties: readonly string[]) =>
      properties.flatMap((property) => column(property) ?? []);
    tables.push({
      table,
      files,
      idColumns: contract === null ? [] : columns(idProperties(contract)),
      versionColumns: contract === null ? [] : columns(contract.traits.versionOrder),
      deletion: (contract && contractTable(contract).versions?.deletion) ?? null,
      eventTimeColumn: contract?.traits.eventTime ? column(contract.traits.eventTime) : null,
    });
  }
  return tables;
}

function contractOf(contracts: Archive['contracts'], table: string): Contract | null {
  for (const reading of contracts.all()) {
    if (reading.kind === 'contract' && reading.contract.traits.table === table) return reading.contract;
  }
  return null;
}

/** The business key, and required properties `…_id` whose values the contract gives a form, such as `CALL-…`. */
export function idProperties({ schema, traits }: Contract): string[] {
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const formed = required.filter((name) => {
    const property = properties[name];
    return name.endsWith('_id') && isJsonObject(property) && typeof property.pattern === 'string';
  });
  return [...new Set([traits.businessKey, ...formed])];
}

import type { CatalogReader } from '../catalog/catalog.ts';
import { lastExecuted } from '../catalog/plans.ts';
import { classifyContractChange, contractChanges } from '../contract/classify-change.ts';
import type { Contract } from '../contract/contract.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { JsonObject } from '../model/json.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { Symptom } from './symptom.ts';

/** Batches of a manifest told of for each old version of a contract, and changes kept as evidence. */
const BATCHES_MAX = 100;
const CHANGES_MAX = 50;
const NAMED_MAX = 3;

interface Of {
  readonly manifestId: string;
  readonly contracts: ContractShelf;
}

/**
 * Batches whose records were judged by another contract than the one that has its name now, unless a replay showed that
 * they come to the same: what entered and what was rejected may be others today.
 */
export async function contractDrift(
  catalog: CatalogReader,
  { manifestId, contracts }: Of,
): Promise<Symptom[]> {
  const known = await catalog.selectFrom('contracts').select(['hash', 'ref', 'body']).execute();
  const symptoms: Symptom[] = [];
  for (const old of known) {
    const reading = contracts.get(old.ref);
    if (reading.kind !== 'contract' || reading.contract.hash === old.hash) continue;
    const rows = await catalog
      .selectFrom('units')
      .select(['batch_id', 'table_name'])
      .distinct()
      .where('contract_hash', '=', old.hash)
      .where('manifest_id', '=', manifestId)
      .where('state', '=', 'committed')
      .where('table_name', '<>', QUARANTINE_TABLE)
      .orderBy('batch_id', 'desc')
      .limit(BATCHES_MAX)
      .execute();
    for (const { batch_id: batchId, table_name: table } of rows) {
      if ((await provenUnder(catalog, { manifestId, batchId })).get(old.ref) === reading.contract.hash)
        continue;
      symptoms.push(drifted({ manifestId, batchId, table, old, contract: reading.contract }));
    }
  }
  return symptoms;
}

/** The contracts, by reference, under which the last replay of a batch came to what it is. */
export async function provenUnder(
  catalog: CatalogReader,
  batch: { manifestId: string; batchId: string },
): Promise<ReadonlyMap<string, string>> {
  const replay = await lastExecuted(catalog, { ...batch, verb: 'replay' });
  const plan = JSON.parse(replay?.body ?? '{}') as {
    assumes?: readonly { kind: string; subject: string; expected: string }[];
  };
  return new Map(
    (plan.assumes ?? []).flatMap(({ kind, subject, expected }) =>
      kind === 'contract' ? [[subject, expected] as const] : [],
    ),
  );
}

function drifted({
  manifestId,
  batchId,
  table,
  old,
  contract,
}: {
  manifestId: string;
  batchId: string;
  table: string;
  old: { hash: string; ref: string; body: string };
  contract: Contract;
}): Symptom {
  const { businessKey } = contract.traits;
  const changes = contractChanges(JSON.parse(old.body) as JsonObject, contract.schema, { businessKey });
  const found = classifyContractChange(changes);
  const named = changes.slice(0, NAMED_MAX).map(({ pointer, what }) => `${pointer || 'the record'} ${what}`);
  const more = changes.length > named.length ? ` and ${changes.length - named.length} more` : '';
  const change =
    found === null ? 'in words alone' : `${found.replaceAll('_', ' ')}: ${named.join(', ')}${more}`;
  return {
    kind: 'contract_drift',
    manifestId,
    batchId,
    sourceId: null,
    table,
    runId: null,
    distinction: `${old.ref} ${old.hash}`,
    message: `Batch ${batchId} of ${manifestId} was judged by another ${old.ref} than there is now (${change}).`,
    facts: {
      change: found,
      before: old.hash,
      after: contract.hash,
      changes: changes.slice(0, CHANGES_MAX),
      changesInAll: changes.length,
    },
    query: nextCommand('show', old.hash),
    suggestion: nextCommand('replay', '--manifest', manifestId, '--batch-id', batchId),
  };
}

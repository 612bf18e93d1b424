import type { Catalog, CatalogReader } from '../catalog/catalog.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import { absentSources } from './absent-sources.ts';
import { contractDrift } from './contract-drift.ts';
import { oddVolumes } from './odd-volumes.ts';
import { recordSymptoms, resolveAbsent } from './record-symptoms.ts';
import { schemaDrift } from './schema-drift.ts';
import type { Symptom, SymptomKind } from './symptom.ts';

/** Kinds that compare a manifest with its own past. */
export const OF_STANDING: readonly SymptomKind[] = [
  'absent_from_snapshot',
  'contract_drift',
  'schema_drift',
  'volume_out_of_character',
];

/** What of a manifest is out of character, from the catalog alone; bounded by what is recent. */
export async function standingSymptoms(
  catalog: CatalogReader,
  of: { manifestId: string; contracts: ContractShelf },
): Promise<Symptom[]> {
  return [
    ...(await absentSources(catalog, of.manifestId)),
    ...(await contractDrift(catalog, of)),
    ...(await schemaDrift(catalog, of)),
    ...(await oddVolumes(catalog, of.manifestId)),
  ];
}

/**
 * Looked at when a run has ended well, in a transaction of its own: these are no facts of its commit, and a run that is
 * good does not fail over them. What could not be recorded is found by the next run, or by a verification.
 */
export async function recordStanding(
  catalog: Catalog,
  { runId, now, ...of }: { manifestId: string; contracts: ContractShelf; runId: string; now: string },
): Promise<void> {
  await catalog.transaction().execute(async (tx) => {
    const found = await standingSymptoms(tx, of);
    await recordSymptoms(tx, { symptoms: found.map((symptom) => ({ ...symptom, runId })), now });
    await resolveAbsent(tx, {
      found,
      covers: ({ kind, manifest_id }) => manifest_id === of.manifestId && OF_STANDING.includes(kind),
      now,
      detail: { runId },
    });
  });
}

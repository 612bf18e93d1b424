import { decodeUnit } from '../bronze/prepared-unit.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { unitsOfBatch } from '../catalog/units.ts';
import { type ContractChange, classifyContractChange } from '../contract/classify-change.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { compareSchemas, mergeSchemas, type SeenSchema } from './compare-schemas.ts';
import { latestSources, recentBatches } from './recent-batches.ts';
import type { Symptom } from './symptom.ts';

/** Batches of a source that are held against the one before each. */
const BATCHES_COMPARED = 5;
const NAMED_MAX = 3;

/**
 * Sources whose records have become others in kind from one batch to the next. Found again as long as it is among the
 * latest batches, unless a replay under a mended contract, or the source's correction, has made it the same.
 */
export async function schemaDrift(
  catalog: CatalogReader,
  { manifestId, contracts }: { manifestId: string; contracts: ContractShelf },
): Promise<Symptom[]> {
  const symptoms: Symptom[] = [];
  for (const sourceId of await latestSources(catalog, manifestId)) {
    const batches = await recentBatches(catalog, { manifestId, sourceId, limit: BATCHES_COMPARED });
    const seen = [];
    for (const { batchId, runId } of batches)
      seen.push({ batchId, runId, ...(await seenIn(catalog, { manifestId, batchId, sourceId })) });
    for (const [at, { batchId, runId, schema, contractRef, table }] of seen.entries()) {
      const earlier = seen.slice(at + 1).find((other) => other.schema !== null && other.table === table);
      const reading = contracts.get(contractRef ?? '');
      if (schema === null || !earlier?.schema || reading.kind !== 'contract') continue;
      const { businessKey } = reading.contract.traits;
      const changes = compareSchemas(earlier.schema, schema, { businessKey });
      if (changes.length > 0)
        symptoms.push(
          drifted({ manifestId, batchId, sourceId, table, runId, changes, before: earlier.batchId }),
        );
    }
  }
  return symptoms;
}

async function seenIn(
  catalog: CatalogReader,
  { sourceId, ...batch }: { manifestId: string; batchId: string; sourceId: string },
): Promise<{ schema: SeenSchema | null; contractRef: string | null; table: string | null }> {
  const units = (await unitsOfBatch(catalog, batch)).map(({ prepared }) => decodeUnit(prepared));
  const own = units.filter((unit) => unit.sourceId === sourceId && unit.observedSchema !== undefined);
  const [first] = own;
  if (first === undefined) return { schema: null, contractRef: null, table: null };
  const parts = own.flatMap(({ observedSchema, tally }) =>
    // Duplicates fill no row, and say nothing against a column.
    observedSchema ? [{ ...observedSchema, read: tally.read, accepted: tally.accepted }] : [],
  );
  return { schema: mergeSchemas(parts), contractRef: first.contractRef, table: first.table };
}

function drifted({
  changes,
  before,
  ...of
}: Pick<Symptom, 'manifestId' | 'sourceId' | 'table' | 'runId'> & {
  batchId: string;
  manifestId: string;
  changes: readonly ContractChange[];
  before: string;
}): Symptom {
  const found = classifyContractChange(changes) ?? 'additive';
  const named = changes.slice(0, NAMED_MAX).map(({ pointer, what }) => `${pointer} ${what}`);
  const more = changes.length > named.length ? ` and ${changes.length - named.length} more` : '';
  const batch = ['--manifest', of.manifestId, '--batch-id', of.batchId];
  // Records that were rejected come in once the contract allows them; what a source left out only it can bring.
  const mends = changes.every((change) => change.class === 'removal') ? 'rerun' : 'replay';
  return {
    ...of,
    kind: 'schema_drift',
    distinction: '',
    message: `Records of ${of.sourceId} in batch ${of.batchId} are of another kind than in ${before} (${found.replaceAll('_', ' ')}: ${named.join(', ')}${more}).`,
    facts: { change: found, before, changes },
    query: nextCommand('rejects', ...batch),
    suggestion: nextCommand(mends, ...batch),
  };
}

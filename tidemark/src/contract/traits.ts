import type { ContractTraits } from './contract.ts';

/** Asset tables have one row per asset: found again by their source, without a time of their own. */
function assetTraits(table: string, anchorProperties: readonly string[] = []): ContractTraits {
  return {
    table,
    businessKey: 'source_id',
    eventTime: null,
    versionOrder: [],
    lineage: ['ingest_batch_id', 'ingest_ts', 'raw_object_path'],
    anchorProperties,
  };
}

const V1_TRAITS: ReadonlyMap<string, ContractTraits> = new Map([
  [
    'omni://contracts/data/ticket/v1',
    {
      table: 'ticket',
      businessKey: 'ticket_id',
      eventTime: 'created_at',
      versionOrder: ['updated_at', 'created_at'],
      lineage: ['source_id', 'ingest_batch_id'],
      anchorProperties: [],
    },
  ],
  ['omni://contracts/data/doc_asset/v1', assetTraits('doc_asset', ['source_fingerprint'])],
  ['omni://contracts/data/audio_asset/v1', assetTraits('audio_asset')],
  ['omni://contracts/data/video_asset/v1', assetTraits('video_asset')],
]);

/** The four contracts that `source_manifest_v1` knows. */
export const V1_CONTRACT_REFS: readonly string[] = [...V1_TRAITS.keys()];

/** Table, keys and lineage of a v1 contract, which JSON Schema cannot say; null for any other `$id`. */
export function traitsOf(ref: string): ContractTraits | null {
  return V1_TRAITS.get(ref) ?? null;
}

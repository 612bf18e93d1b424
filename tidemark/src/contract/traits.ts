import type { ExactObject } from '../model/exact-number.ts';
import type { ContractTraits } from './contract.ts';
import { declaredTraits, TRAITS_KEYWORD } from './declared-traits.ts';
import { memberOf } from './schema-document.ts';

/** Asset tables have one row per asset: found again by their source, without a time of their own. */
function assetTraits(table: string, anchorProperties: readonly string[] = []): ContractTraits {
  return {
    table,
    businessKey: 'source_id',
    eventTime: null,
    versionOrder: [],
    deletion: null,
    lineage: ['ingest_batch_id', 'ingest_ts', 'raw_object_path'],
    pii: {},
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
      deletion: null,
      lineage: ['source_id', 'ingest_batch_id'],
      pii: {},
      anchorProperties: [],
    },
  ],
  ['omni://contracts/data/doc_asset/v1', assetTraits('doc_asset', ['source_fingerprint'])],
  ['omni://contracts/data/audio_asset/v1', assetTraits('audio_asset')],
  ['omni://contracts/data/video_asset/v1', assetTraits('video_asset')],
]);

/** The four contracts that `source_manifest_v1` knows. */
export const V1_CONTRACT_REFS: readonly string[] = [...V1_TRAITS.keys()];

/**
 * Table, keys and lineage, which JSON Schema cannot say: built in for the contracts of v1, declared by any other. A string
 * is why there are none, as the end of a sentence that begins with the file.
 */
export function traitsOf({ ref, document }: { ref: string; document: ExactObject }): ContractTraits | string {
  const builtIn = V1_TRAITS.get(ref);
  const declares = memberOf(document, TRAITS_KEYWORD) !== undefined;
  if (builtIn === undefined && declares) return declaredTraits(document);
  if (builtIn !== undefined && !declares) return builtIn;
  return builtIn === undefined
    ? `has the $id ${ref} and no ${TRAITS_KEYWORD}: table and business_key are built in for ${V1_CONTRACT_REFS.join(', ')} only`
    : `has a ${TRAITS_KEYWORD}, and the traits of ${ref} are built in: give the contract an $id of its own`;
}

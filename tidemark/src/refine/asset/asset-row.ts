import type { Contract } from '../../contract/contract.ts';
import { objectKey } from '../../landing/home.ts';
import type { ManifestAsset, SourceManifest } from '../../manifest/source-manifest.ts';
import { isJsonObject, type JsonObject, type JsonValue, pointerTo } from '../../model/json.ts';
import { ASSET_IDS } from './derived-id.ts';
import type { Observation } from './observation.ts';
import {
  type AdmittingJudgement,
  audioTypeOf,
  piiLevelOf,
  QUALITY_GATE,
  videoTypeOf,
} from './row-mappings.ts';
import { type LandedSidecar, type SidecarRole, sidecarOf } from './sidecar.ts';
import { sourceUrlOf } from './source-url.ts';

export interface AssetRowFacts {
  readonly contract: Contract;
  readonly manifest: SourceManifest;
  readonly asset: ManifestAsset;
  readonly judgement: AdmittingJudgement;
  readonly observation: Observation;
  readonly sidecars: readonly LandedSidecar[];
  /** SHA-256 of the asset's exact bytes, 64 lower hex. */
  readonly sourceFingerprint: string;
  /** As it is in force for the run: declared, or given by `--batch-id`. */
  readonly batchId: string;
  /** RFC 3339; when the run started. Lineage. */
  readonly ingestTs: string;
}

export interface AssetRow {
  readonly record: JsonObject;
  /** The contract's id does not fit the declared `source_id`, and was made from its hash. */
  readonly derivedId: boolean;
}

const MODALITY: ReadonlyMap<string, string> = new Map([
  ['doc_asset', 'document'],
  ['audio_asset', 'audio'],
  ['video_asset', 'video'],
]);

/**
 * The contract record of one asset, from its declaration and from what its bytes show. Only properties that the
 * contract lists, and only those that are known: an unknown one is left out, never filled with a guess. It may still
 * break the contract, where a required property is unknown.
 */
export function assetRow(facts: AssetRowFacts): AssetRow {
  const { contract, manifest, asset } = facts;
  const listed = propertiesOf(contract);
  const known = Object.entries(knownProperties(facts, listed)).filter(
    (entry): entry is [string, JsonValue] => Object.hasOwn(listed, entry[0]) && entry[1] != null,
  );
  const record: JsonObject = Object.fromEntries(known);

  const id = ASSET_IDS.get(contract.traits.table);
  if (id === undefined || !Object.hasOwn(listed, id.property)) return { record, derivedId: false };
  const declared = { ...record, [id.property]: asset.source_id };
  const pointer = pointerTo('', id.property);
  const fits = !contract.validate(declared).some((violation) => violation.pointer === pointer);
  if (fits) return { record: declared, derivedId: false };
  return { record: { ...record, [id.property]: id.derive(asset.source_id, manifest) }, derivedId: true };
}

function knownProperties(facts: AssetRowFacts, listed: JsonObject): Record<string, JsonValue | undefined> {
  const { contract, manifest, asset, observation, sourceFingerprint } = facts;
  const { table } = contract.traits;
  const hasSidecar = (role: SidecarRole) => sidecarOf(facts.sidecars, role) !== undefined;
  return {
    source_id: asset.source_id,
    schema_version: constantOf(listed.schema_version) ?? `${table}_v1`,
    source_fingerprint: sourceFingerprint,
    ingest_batch_id: facts.batchId,
    ingest_ts: facts.ingestTs,
    raw_object_path: objectKey('raw', sourceFingerprint),
    source_url: sourceUrlOf(asset.source_url_or_path),

    asset_type: asset.asset_type,
    modality: MODALITY.get(table) ?? manifest.modality,
    audio_type: audioTypeOf(manifest.source_type),
    video_type: videoTypeOf(manifest.source_type),
    product_line: manifest.product_line,
    language: asset.language ?? observation.documentLanguage,
    owner: manifest.owner,
    license_tag: manifest.license_tag,
    quality_gate: QUALITY_GATE[facts.judgement],
    pii_level: piiLevelOf(asset.pii_scan_status),
    pii_redacted: asset.pii_scan_status === 'redacted',

    page_count: observation.pageCount,
    duration_sec: observation.durationSec ?? asset.duration_sec,
    resolution: observation.resolution,

    // Sidecars by content too: a corrected transcript makes another record, which a declared path would hide.
    transcript_object_path: keyOf(facts.sidecars, 'transcript'),
    audio_track_path: keyOf(facts.sidecars, 'audio_track'),
    has_ocr: hasSidecar('ocr_text') || hasSidecar('keyframe_ocr'),
    has_caption: hasSidecar('transcript') || observation.hasText === true,
  };
}

function keyOf(sidecars: readonly LandedSidecar[], role: SidecarRole): string | undefined {
  const sidecar = sidecarOf(sidecars, role);
  return sidecar && objectKey('raw', sidecar.sha256);
}

function propertiesOf(contract: Contract): JsonObject {
  const { properties } = contract.schema;
  return isJsonObject(properties) ? properties : {};
}

/** The one value that a property may have. */
function constantOf(property: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(property)) return undefined;
  if (property.const !== undefined) return property.const;
  return Array.isArray(property.enum) && property.enum.length === 1 ? property.enum[0] : undefined;
}

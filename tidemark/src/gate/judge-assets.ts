import type { GatePolicy, ManifestAsset, SourceManifest } from '../manifest/source-manifest.ts';
import type { Admission, AdmissionReason } from './admission.ts';
import { GATE_DEFAULTS } from './gate-defaults.ts';
import { worstJudgement } from './judgement-order.ts';

export interface GateFacts {
  /** One that the manifest's form and rules admit. */
  readonly manifest: SourceManifest;
  /** Whether the contract of this `contract_ref` can be loaded. */
  readonly contractAvailable: (ref: string) => boolean;
}

/** What the gate looks for in one asset, by name, with what was seen where it was found. */
type Sighting = { readonly rule: PolicyRule | 'pii_suspected'; readonly seen: string };

/** Rules that a policy of the manifest decides: the policy's name without its `on_`. */
type PolicyRule = keyof GatePolicy extends `on_${infer Rule}` ? Rule : never;

/**
 * Judges every asset of a manifest, in its order. A reason whose policy is `accept` is kept as well: it says that the
 * gap was seen and allowed. Absent and null fields are alike.
 */
export function judgeAssets({ manifest, contractAvailable }: GateFacts): readonly Admission[] {
  return manifest.assets.map((asset) => {
    const contractRef = asset.contract_ref ?? manifest.contract_ref;
    const sightings = [...sightingsIn(manifest, asset)];
    if (!contractAvailable(contractRef)) {
      sightings.push({ rule: 'contract_mismatch', seen: `the contract ${contractRef} cannot be loaded` });
    }
    const reasons = sightings.map((sighting) => judgeSighting(manifest.gate_policy ?? {}, sighting));
    return {
      asset,
      contractRef,
      judgement: worstJudgement(reasons.map((reason) => reason.judgement)),
      reasons,
    };
  });
}

function* sightingsIn(manifest: SourceManifest, asset: ManifestAsset): Generator<Sighting> {
  if (asset.checksum_sha256 == null)
    yield { rule: 'missing_checksum', seen: 'no checksum_sha256 is declared' };
  // `unknown` has no policy, as little as `complete` or silence: only what is said to be missing or partial is judged.
  if (asset.metadata_status === 'missing')
    yield { rule: 'missing_metadata', seen: 'metadata_status is missing' };
  if (asset.metadata_status === 'partial')
    yield { rule: 'partial_metadata', seen: 'metadata_status is partial' };
  const scan = asset.pii_scan_status ?? 'absent';
  if (scan === 'suspected') yield { rule: 'pii_suspected', seen: 'pii_scan_status is suspected' };
  const unscanned = scan === 'absent' || scan === 'not_run' || scan === 'unknown';
  if (manifest.ingest_config?.pii_scan === true && unscanned) {
    yield { rule: 'pii_gap', seen: `pii_scan is asked for and pii_scan_status is ${scan}` };
  }
  if (manifest.license_tag === 'unknown') yield { rule: 'unknown_license', seen: 'license_tag is unknown' };
}

function judgeSighting(policy: GatePolicy, { rule, seen }: Sighting): AdmissionReason {
  if (rule === 'pii_suspected') {
    return { rule, judgement: 'quarantine', message: `${seen}: quarantine, whatever the policy` };
  }
  const name = `on_${rule}` as const;
  const declared = policy[name];
  const judgement = declared ?? GATE_DEFAULTS[name];
  const origin = declared === undefined ? `${name} is silent, its default` : name;
  return { rule, judgement, message: `${seen}: ${judgement} (${origin})` };
}

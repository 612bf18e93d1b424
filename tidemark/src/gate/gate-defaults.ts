import type { GatePolicy, Judgement } from '../manifest/source-manifest.ts';

/** What the gate does where a manifest's `gate_policy` is silent. */
export const GATE_DEFAULTS: Readonly<Required<GatePolicy>> = {
  on_missing_checksum: 'warn',
  on_partial_metadata: 'warn',
  on_missing_metadata: 'quarantine',
  on_pii_gap: 'quarantine',
  on_contract_mismatch: 'reject',
  on_unknown_license: 'reject',
} satisfies Record<keyof GatePolicy, Judgement>;

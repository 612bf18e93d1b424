import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type {
  GatePolicy,
  Judgement,
  ManifestAsset,
  MetadataStatus,
  PiiScanStatus,
  SourceManifest,
} from '../manifest/source-manifest.ts';
import { GATE_DEFAULTS } from './gate-defaults.ts';
import { judgeAssets } from './judge-assets.ts';
import { worstJudgement } from './judgement-order.ts';

const TICKET = 'omni://contracts/data/ticket/v1';
const DOCUMENT = 'omni://contracts/data/doc_asset/v1';

/** An asset that gives no reason at all. */
const CLEAN: ManifestAsset = {
  source_id: 'a',
  source_url_or_path: 'a.jsonl',
  asset_type: 'jsonl',
  checksum_sha256: '0'.repeat(64),
};

function manifestOf(asset: Partial<ManifestAsset>, changes: Partial<SourceManifest> = {}): SourceManifest {
  return {
    manifest_id: 'manifest-gate-20260301-001',
    schema_version: 'source_manifest_v1',
    batch_id: 'b',
    modality: 'structured',
    source_type: 'ticket_export',
    license_tag: 'cc_by',
    contract_ref: TICKET,
    load_mode: 'full_snapshot',
    assets: [{ ...CLEAN, ...asset }],
    created_at: '2026-03-01T00:00:00Z',
    owner: 'o',
    ...changes,
  };
}

/** The judgement of the only asset, and its reasons as `rule judgement`. */
function judged(
  manifest: SourceManifest,
  contractAvailable = (_ref: string): boolean => true,
): [Judgement, ...string[]] {
  const [admission] = judgeAssets({ manifest, contractAvailable });
  assert.ok(admission);
  return [admission.judgement, ...admission.reasons.map((reason) => `${reason.rule} ${reason.judgement}`)];
}

const EVERY: Readonly<Record<Judgement, true>> = { accept: true, warn: true, quarantine: true, reject: true };
const ALL_JUDGEMENTS = Object.keys(EVERY) as Judgement[];

describe('the order of judgements', () => {
  const WORSE: Record<Judgement, Record<Judgement, Judgement>> = {
    accept: { accept: 'accept', warn: 'warn', quarantine: 'quarantine', reject: 'reject' },
    warn: { accept: 'warn', warn: 'warn', quarantine: 'quarantine', reject: 'reject' },
    quarantine: { accept: 'quarantine', warn: 'quarantine', quarantine: 'quarantine', reject: 'reject' },
    reject: { accept: 'reject', warn: 'reject', quarantine: 'reject', reject: 'reject' },
  };

  it('rises from accept over warn and quarantine to reject; the worst wins', () => {
    for (const a of ALL_JUDGEMENTS)
      for (const b of ALL_JUDGEMENTS) assert.equal(worstJudgement([a, b]), WORSE[a][b]);
    assert.equal(worstJudgement([]), 'accept');
    assert.equal(worstJudgement(['warn', 'reject', 'accept', 'quarantine']), 'reject');
  });
});

/** Which policy one finding is judged by; null where it gives no reason. */
type ByPolicy = keyof GatePolicy | null;

describe('what each field of an asset leads to', () => {
  const DEFAULTS: Record<keyof GatePolicy, Judgement> = {
    on_missing_checksum: 'warn',
    on_partial_metadata: 'warn',
    on_missing_metadata: 'quarantine',
    on_pii_gap: 'quarantine',
    on_contract_mismatch: 'reject',
    on_unknown_license: 'reject',
  };
  const METADATA: Record<MetadataStatus | 'null' | 'absent', ByPolicy> = {
    complete: null,
    partial: 'on_partial_metadata',
    missing: 'on_missing_metadata',
    unknown: null,
    null: null,
    absent: null,
  };
  const PII: Record<
    PiiScanStatus | 'null' | 'absent',
    Record<'asked' | 'refused' | 'silent', ByPolicy | 'quarantine'>
  > = {
    clear: { asked: null, refused: null, silent: null },
    redacted: { asked: null, refused: null, silent: null },
    suspected: { asked: 'quarantine', refused: 'quarantine', silent: 'quarantine' },
    not_run: { asked: 'on_pii_gap', refused: null, silent: null },
    not_applicable: { asked: null, refused: null, silent: null },
    unknown: { asked: 'on_pii_gap', refused: null, silent: null },
    null: { asked: 'on_pii_gap', refused: null, silent: null },
    absent: { asked: 'on_pii_gap', refused: null, silent: null },
  };
  const ASKED = { asked: { pii_scan: true }, refused: { pii_scan: false }, silent: {} } as const;
  const CHECKSUM: Record<'declared' | 'null' | 'absent', ByPolicy> = {
    declared: null,
    null: 'on_missing_checksum',
    absent: 'on_missing_checksum',
  };
  const LICENSE: Record<string, ByPolicy> = {
    public_domain: null,
    cc_by: null,
    cc_by_sa: null,
    course_synthetic: null,
    proprietary: null,
    unknown: 'on_unknown_license',
  };

  /** Under the default, and under each judgement that the manifest may declare for the policy. */
  function assertJudgedBy(
    policy: ByPolicy,
    manifest: SourceManifest,
    contractAvailable?: (ref: string) => boolean,
  ): void {
    if (policy === null) {
      assert.deepEqual(judged(manifest, contractAvailable), ['accept']);
      return;
    }
    const rule = policy.slice('on_'.length);
    assert.deepEqual(judged(manifest, contractAvailable), [DEFAULTS[policy], `${rule} ${DEFAULTS[policy]}`]);
    for (const judgement of ALL_JUDGEMENTS) {
      const declared: SourceManifest = { ...manifest, gate_policy: { [policy]: judgement } };
      assert.deepEqual(judged(declared, contractAvailable), [judgement, `${rule} ${judgement}`]);
      const others: Record<string, Judgement> = {
        ...Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, judgement])),
        [policy]: 'warn',
      };
      assert.equal(judged({ ...manifest, gate_policy: others }, contractAvailable)[0], 'warn');
    }
  }
  const field = (name: keyof ManifestAsset, value: string): Partial<ManifestAsset> =>
    value === 'absent' ? {} : { [name]: value === 'null' ? null : value };
  const without = (manifest: SourceManifest, name: keyof ManifestAsset): SourceManifest => {
    const { [name]: _, ...asset } = manifest.assets[0]!;
    return { ...manifest, assets: [asset as ManifestAsset] };
  };

  for (const [status, policy] of Object.entries(METADATA)) {
    it(`metadata_status ${status}: ${policy ?? 'no reason'}`, () => {
      assertJudgedBy(policy, manifestOf(field('metadata_status', status)));
    });
  }

  for (const [status, byWish] of Object.entries(PII)) {
    for (const [wish, expected] of Object.entries(byWish)) {
      it(`pii_scan_status ${status} where a scan is ${wish}: ${expected ?? 'no reason'}`, () => {
        const ingest_config = ASKED[wish as keyof typeof ASKED];
        const manifest = manifestOf(field('pii_scan_status', status), { ingest_config });
        if (expected !== 'quarantine') return assertJudgedBy(expected, manifest);
        for (const on_pii_gap of ALL_JUDGEMENTS) {
          const declared = { ...manifest, gate_policy: { on_pii_gap } };
          assert.deepEqual(judged(declared), ['quarantine', 'pii_suspected quarantine']);
        }
      });
    }
  }

  for (const [checksum, policy] of Object.entries(CHECKSUM)) {
    it(`checksum_sha256 ${checksum}: ${policy ?? 'no reason'}`, () => {
      if (checksum === 'absent') assertJudgedBy(policy, without(manifestOf({}), 'checksum_sha256'));
      else assertJudgedBy(policy, manifestOf(checksum === 'null' ? { checksum_sha256: null } : {}));
    });
  }

  for (const [license_tag, policy] of Object.entries(LICENSE)) {
    it(`license_tag ${license_tag}: ${policy ?? 'no reason'}`, () => {
      assertJudgedBy(policy, manifestOf({}, { license_tag }));
    });
  }

  it('a contract that cannot be loaded: on_contract_mismatch', () => {
    assertJudgedBy('on_contract_mismatch', manifestOf({}), () => false);
  });
});

describe('the contract of an asset', () => {
  it("is its own, or the manifest's where it names none", () => {
    const assets = [CLEAN, { ...CLEAN, contract_ref: null }, { ...CLEAN, contract_ref: DOCUMENT }];
    const admissions = judgeAssets({
      manifest: manifestOf({}, { modality: 'multimodal', assets }),
      contractAvailable: (ref) => ref === TICKET,
    });
    assert.deepEqual(
      admissions.map(({ contractRef, judgement }) => [contractRef, judgement]),
      [
        [TICKET, 'accept'],
        [TICKET, 'accept'],
        [DOCUMENT, 'reject'],
      ],
    );
    assert.ok(admissions[2]!.reasons[0]!.message.includes(DOCUMENT));
    assert.deepEqual(
      admissions.map((admission) => admission.asset),
      assets,
    );
  });
});

describe('reasons', () => {
  it('are all kept, allowed ones too, and say which policy judged and whether it was declared', () => {
    const manifest = manifestOf(
      { checksum_sha256: null, metadata_status: 'partial', pii_scan_status: 'suspected' },
      { license_tag: 'unknown', gate_policy: { on_missing_checksum: 'accept', on_unknown_license: 'warn' } },
    );
    const [admission] = judgeAssets({ manifest, contractAvailable: () => false });
    assert.equal(admission!.judgement, 'reject');
    assert.deepEqual(
      admission!.reasons.map((reason) => reason.message),
      [
        'no checksum_sha256 is declared: accept (on_missing_checksum)',
        'metadata_status is partial: warn (on_partial_metadata is silent, its default)',
        'pii_scan_status is suspected: quarantine, whatever the policy',
        'license_tag is unknown: warn (on_unknown_license)',
        `the contract ${TICKET} cannot be loaded: reject (on_contract_mismatch is silent, its default)`,
      ],
    );
  });
});

/** The rules once more, written as plainly as the page states them, for comparison with the gate. */
function slowJudgement(manifest: SourceManifest, asset: ManifestAsset, contractLoads: boolean): Judgement {
  const applicable: Judgement[] = [];
  const policy = { ...GATE_DEFAULTS, ...manifest.gate_policy };
  if (asset.metadata_status === 'missing') applicable.push(policy.on_missing_metadata);
  if (asset.metadata_status === 'partial') applicable.push(policy.on_partial_metadata);
  if (asset.checksum_sha256 === undefined || asset.checksum_sha256 === null)
    applicable.push(policy.on_missing_checksum);
  if (manifest.license_tag === 'unknown') applicable.push(policy.on_unknown_license);
  if (manifest.ingest_config !== undefined && manifest.ingest_config.pii_scan === true) {
    const status = asset.pii_scan_status;
    if (status === undefined || status === null) applicable.push(policy.on_pii_gap);
    if (status === 'not_run') applicable.push(policy.on_pii_gap);
    if (status === 'unknown') applicable.push(policy.on_pii_gap);
  }
  if (asset.pii_scan_status === 'suspected') applicable.push('quarantine');
  if (!contractLoads) applicable.push(policy.on_contract_mismatch);
  for (const severe of ['reject', 'quarantine', 'warn'] as const)
    if (applicable.includes(severe)) return severe;
  return 'accept';
}

it('the gate agrees with a slow restatement of the rules, whatever is declared', () => {
  const judgement = fc.constantFrom(...ALL_JUDGEMENTS);
  const optional = <T>(...values: T[]) => fc.constantFrom(...values, null, undefined);
  const policyNames = Object.keys(GATE_DEFAULTS);
  const asset = fc
    .record({
      metadata_status: optional<MetadataStatus>('complete', 'partial', 'missing', 'unknown'),
      pii_scan_status: optional<PiiScanStatus>(
        'clear',
        'redacted',
        'suspected',
        'not_run',
        'not_applicable',
        'unknown',
      ),
      checksum_sha256: optional('0'.repeat(64)),
      contract_ref: optional(TICKET, DOCUMENT),
    })
    .map((fields) => ({ ...CLEAN, ...fields }) as ManifestAsset);
  const declared = fc.record({
    license_tag: fc.constantFrom('cc_by', 'unknown'),
    gate_policy: fc.dictionary(fc.constantFrom(...policyNames), judgement),
    ingest_config: fc.constantFrom({}, { pii_scan: true }, { pii_scan: false }),
    assets: fc.array(asset, { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(declared, fc.subarray([TICKET, DOCUMENT]), (changes, loadable) => {
      const manifest = manifestOf({}, changes);
      const admissions = judgeAssets({ manifest, contractAvailable: (ref) => loadable.includes(ref) });
      const slow = manifest.assets.map((one) =>
        slowJudgement(manifest, one, loadable.includes(one.contract_ref ?? manifest.contract_ref)),
      );
      assert.deepEqual(
        admissions.map((admission) => admission.judgement),
        slow,
      );
      for (const { judgement: whole, reasons } of admissions) {
        assert.equal(whole, worstJudgement(reasons.map((reason) => reason.judgement)));
      }
    }),
    { numRuns: 2000 },
  );
});

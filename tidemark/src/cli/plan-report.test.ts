import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlannedAsset } from '../run/plan-ingest.ts';
import { exitOfPlan, type PerceivedManifest, reportPlan } from './plan-report.ts';
import { PIPE } from './render/page.ts';
import { planLines } from './render/plan.ts';
import { eighty, planned, RUN_A } from './reports.fixture.ts';

function perceived(
  assets: readonly PlannedAsset[],
  manifestId = 'manifest-tickets-20260306-001',
): PerceivedManifest {
  return {
    plan: {
      manifestId,
      manifestPath: 'data/seed_manifests/tickets.json',
      batchId: 'batch-tickets',
      loadMode: 'full_snapshot',
      modality: 'structured',
      sourceType: 'ticket_export',
      window: 'everything declared',
      revision: 0,
      assets,
    },
    modality: 'structured',
    sourceType: 'ticket_export',
  };
}

const gap = {
  rule: 'missing_checksum',
  judgement: 'warn' as const,
  message: 'no checksum_sha256 is declared: warn',
};
const missing = {
  rule: 'missing_metadata',
  judgement: 'quarantine' as const,
  message: 'metadata_status is missing: quarantine',
};
const license = {
  rule: 'unknown_license',
  judgement: 'reject' as const,
  message: 'license_tag is unknown: reject',
};

const mixed = [
  planned(),
  planned({ sourceId: 'again', action: 'skip', why: `already committed by run ${RUN_A}` }),
  planned({
    sourceId: 'unsummed',
    judgement: 'warn',
    action: 'unknown',
    why: 'no sum is declared',
    reasons: [gap],
  }),
  planned({
    sourceId: 'voice-desk',
    judgement: 'quarantine',
    action: 'hold',
    why: 'held back by the gate',
    reasons: [missing],
  }),
];
const rejected = planned({
  sourceId: 'grey',
  judgement: 'reject',
  action: 'refuse',
  why: 'refused by the gate',
  reasons: [license],
});
const badManifest = {
  kind: 'refused' as const,
  path: 'data/seed_manifests/bad.json',
  problems: [
    {
      file: 'data/seed_manifests/bad.json',
      pointer: '/bacth_id',
      line: 4,
      column: 3,
      rule: 'unknown_field' as const,
      message: 'the manifest has no field "bacth_id"',
      expected: 'a known field',
      found: '"bacth_id"',
      suggestion: 'batch_id',
    },
  ],
};

describe('the plan report', () => {
  it('counts overall and per manifest, with one evidence entry an asset', () => {
    const manifests = [perceived(mixed), perceived([rejected], 'manifest-grey-20260306-002')];
    const report = reportPlan({ manifests, refused: [badManifest], words: [] });
    assert.deepEqual(report.counts, {
      manifests: 2,
      refused_manifests: 1,
      assets: 5,
      accepted: 2,
      warned: 1,
      quarantined: 1,
      rejected: 1,
      actions: { ingest: 1, skip: 1, hold: 1, refuse: 1, unknown: 1, fail: 0 },
    });
    assert.deepEqual(
      report.manifests.map(({ manifest_id, status, counts }) => [manifest_id, status, counts.assets]),
      [
        ['manifest-tickets-20260306-001', 'warning', 4],
        ['manifest-grey-20260306-002', 'error', 1],
      ],
    );
    assert.deepEqual(
      report.evidence.map(({ source_id, judgement, reasons, contract_ref }) => [
        source_id,
        judgement,
        reasons.length,
        contract_ref,
      ]),
      [
        ['helpdesk-main', 'accept', 0, 'omni://contracts/data/ticket/v1'],
        ['again', 'accept', 0, 'omni://contracts/data/ticket/v1'],
        ['unsummed', 'warn', 1, 'omni://contracts/data/ticket/v1'],
        ['voice-desk', 'quarantine', 1, 'omni://contracts/data/ticket/v1'],
        ['grey', 'reject', 1, 'omni://contracts/data/ticket/v1'],
      ],
    );
    assert.equal(report.status, 'error');
    assert.equal(
      report.recommended_next_action,
      'Mend 1 refused manifest and 1 rejected asset (first data/seed_manifests/bad.json), then `npx tidemark check`',
    );
  });

  it('recommends the run, with the same selection, when nothing is in its way', () => {
    const report = reportPlan({
      manifests: [perceived([planned()])],
      refused: [],
      words: ['--manifest-dir', 'my data'],
    });
    assert.equal(report.status, 'ok');
    assert.equal(report.recommended_next_action, `npx tidemark run --manifest-dir 'my data'`);
  });

  it('says that there is nothing to do when everything is committed', () => {
    const report = reportPlan({ manifests: [perceived(mixed.slice(1, 2))], refused: [], words: [] });
    assert.match(report.recommended_next_action, /^Nothing to do/);
  });

  it('exits 1 where an asset is judged reject or a manifest is refused, else 0', () => {
    const exit = (manifests: PerceivedManifest[], refused: (typeof badManifest)[]) =>
      exitOfPlan(reportPlan({ manifests, refused, words: [] }));
    assert.equal(exit([perceived(mixed)], []), 0);
    assert.equal(exit([perceived([rejected])], []), 1);
    assert.equal(exit([perceived(mixed)], [badManifest]), 1);
    // A source that is not what its manifest says is found out here, and judged by nobody: the run refuses it.
    assert.equal(exit([perceived([planned({ action: 'refuse' })])], []), 0);
  });

  it('prints heading, assets, problems with their place, totals and the next action', () => {
    const manifests = [perceived(mixed)];
    const report = reportPlan({ manifests, refused: [badManifest], words: [] });
    assert.equal(
      planLines({ manifests, refused: [badManifest], report }, PIPE).join('\n'),
      `manifest-tickets-20260306-001  batch batch-tickets
  data/seed_manifests/tickets.json · full_snapshot · everything declared · structured/ticket_export · never committed

  + ingest   accept      helpdesk-main  jsonl  4.1 KiB  bronze.ticket  new content
  = skip     accept      again          jsonl  4.1 KiB  bronze.ticket  already committed by run ${RUN_A}
  ? unknown  warn        unsummed       jsonl  4.1 KiB  bronze.ticket  no sum is declared; missing_checksum: no checksum_sha256 is declared: warn
  ~ hold     quarantine  voice-desk     jsonl  4.1 KiB  bronze.ticket  held back by the gate; missing_metadata: metadata_status is missing: quarantine

✗ refused  data/seed_manifests/bad.json  1 problem

  data/seed_manifests/bad.json:4:3  unknown_field
    the manifest has no field "bacth_id"
    at        /bacth_id
    expected  a known field
    found     "bacth_id"
    did you mean \`batch_id\`?

Plan  1 manifest, 1 refused, 4 assets; nothing was touched

  judged   2 accepted, 1 warned, 1 quarantined, 0 rejected
  a run    1 would go in, 1 committed already, 1 would be held back, 1 known only after reading (--hash tells)
  status   error

next: Mend 1 refused manifest (first data/seed_manifests/bad.json), then \`npx tidemark check\``,
    );
    for (const line of planLines({ manifests, refused: [], report }, eighty))
      assert.ok(line.length <= 80, line);
  });
});

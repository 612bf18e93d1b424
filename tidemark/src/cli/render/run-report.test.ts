import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import stringWidth from 'string-width';
import { asset, eighty, passing, proof, RUN_A, RUN_B, run, secondRun, tally } from '../reports.fixture.ts';
import { PIPE } from './page.ts';
import { plainValues } from './plain-values.ts';
import { runReportLines } from './run-report.ts';

const mixed = run({
  retryOf: RUN_B,
  assets: [
    asset({
      records: tally({ read: 506, accepted: 470, duplicate: 12, out_of_window: 3, rejected: 21, blank: 1 }),
    }),
    asset({
      sourceId: 'doc:northstar_help:f8105404d62a',
      assetType: 'html',
      table: 'doc_asset',
      sizeBytes: 2048,
      records: tally({ read: 1, accepted: 1 }),
      judgement: 'warn',
      reasons: [{ rule: 'partial_metadata', judgement: 'warn', message: 'metadata_status is partial: warn' }],
    }),
    asset({
      sourceId: 'voice-desk',
      outcome: 'held',
      sizeBytes: 11_300,
      judgement: 'quarantine',
      reasons: [
        {
          rule: 'pii_suspected',
          judgement: 'quarantine',
          message: 'pii_scan_status is suspected: quarantine',
        },
      ],
      next: 'Complete the PII scan of voice-desk.',
    }),
    asset({
      sourceId: 'liar',
      outcome: 'refused',
      findings: [
        {
          rule: 'size_mismatch',
          message: 'liar.jsonl has 7 bytes; the manifest declares 8.',
          expected: '8',
          received: '7',
        },
      ],
      next: 'Mend liar.',
    }),
  ],
  tables: [
    { table: 'ticket', snapshotId: '7', moved: true, addedRecords: 470, totalRecords: 1470 },
    { table: 'doc_asset', snapshotId: '8', moved: true, addedRecords: 1, totalRecords: 1 },
  ],
});

describe('what a run prints', () => {
  it('is one plain line an asset in a pipe', () => {
    assert.equal(
      runReportLines(mixed, PIPE).join('\n'),
      `manifest-tickets-20260306-001  batch batch-tickets
  data/seed_manifests/tickets.json · full_snapshot · everything declared · run ${RUN_A} · goes on after run ${RUN_B}

  ✓ committed  helpdesk-main                    506 records  4.1 KiB  470 accepted, 12 duplicate, 3 out of window, 21 rejected
  ✓ committed  doc:northstar_help:f8105404d62a        1 row  2.0 KiB  partial_metadata: metadata_status is partial: warn
  ~ held       voice-desk                                     11 KiB  pii_suspected: pii_scan_status is suspected: quarantine; next: Complete the PII scan of voice-desk.
  ✗ refused    liar                                          4.1 KiB  size_mismatch: liar.jsonl has 7 bytes; the manifest declares 8.; next: Mend liar.

  assets   4 declared = 2 committed + 0 already committed + 1 held + 1 refused + 0 failed  ✓ closes
  records  507 read = 471 accepted + 12 duplicate + 3 out of window + 0 quarantined + 21 rejected  ✓ closes
           1 blank line, counted apart
  tables   bronze.ticket +470, bronze.doc_asset +1
  proof    ✓ proved: 2 of 2 checks, digest source = raw = Bronze
`,
    );
  });

  it('fits into 80 columns, reasons below the line they belong to', () => {
    const lines = runReportLines(mixed, eighty);
    assert.deepEqual(
      lines.filter((line) => stringWidth(line) > 80),
      [],
    );
    assert.equal(
      lines.slice(5, 18).join('\n'),
      `  ✓ committed  helpdesk-main                    506 records  4.1 KiB
      470 accepted, 12 duplicate, 3 out of window, 21 rejected
  ✓ committed  doc:northstar_help:f8105404d62a        1 row  2.0 KiB
      partial_metadata: metadata_status is partial: warn
  ~ held       voice-desk                                     11 KiB
      pii_suspected: pii_scan_status is suspected: quarantine
      next: Complete the PII scan of voice-desk.
  ✗ refused    liar                                          4.1 KiB
      size_mismatch: liar.jsonl has 7 bytes; the manifest declares 8.
      next: Mend liar.

  assets   4 declared = 2 committed + 0 already committed + 1 held + 1 refused +
           0 failed  ✓ closes`,
    );
  });

  it('says of a second run which run did it, and that nothing moved', () => {
    assert.deepEqual(runReportLines(secondRun(), PIPE).slice(3), [
      `  = already committed  helpdesk-main  4.1 KiB  by run ${RUN_A}`,
      '',
      '  assets   1 declared = 0 committed + 1 already committed + 0 held + 0 refused + 0 failed  ✓ closes',
      '  tables   nothing to commit, no table moved',
      '',
    ]);
  });

  it('shows an account that does not close, and by how much', () => {
    const open = run({ recordTally: tally({ read: 5, accepted: 3 }) });
    assert.match(runReportLines(open, PIPE).join('\n'), /records {2}5 read = 3 accepted .* ✗ open by 2/);
  });

  it('does not call an account open that a stopped run could not finish', () => {
    const stopped = run({
      state: 'interrupted',
      assets: [],
      assetTally: { declared: 4, committed: 0, already_committed: 0, held: 0, refused: 0, failed: 0 },
      failure: {
        code: 'TM7002',
        disposition: 'transient',
        message: 'The run was interrupted.',
        next: 'Run again.',
      },
      reconciliation: null,
      tables: [],
    });
    const text = runReportLines(stopped, PIPE).join('\n');
    assert.match(text, /assets {3}4 declared; the run stopped before 4 of them ended/);
    assert.doesNotMatch(text, /closes|open by/);
    assert.match(text, /error TM7002 The run was interrupted\./);
  });

  it('tells every failed check with both values', () => {
    const failing = proof([
      passing('a'),
      { ...passing('stray_rows'), subject: 'bronze.ticket', expected: '0', received: '2', verdict: 'fail' },
    ]);
    const text = runReportLines(run({ reconciliation: failing }), PIPE).join('\n');
    assert.match(text, /✗ not proved: 1 of 2 checks\n +✗ stray_rows of bronze\.ticket: expected 0, found 2/);
  });

  it('cannot be made to rewrite the terminal by a name of the manifest', () => {
    const evil = run({ assets: [asset({ sourceId: '\u001b[2Jgone\nmanifest-fake' })] });
    const text = runReportLines(plainValues(evil), PIPE).join('\n');
    assert.ok(!text.includes('\u001b'));
    assert.match(text, /\\u\{1b\}\[2Jgone manifest-fake/);
  });
});

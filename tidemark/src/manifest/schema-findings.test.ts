import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FITTING, leastAsset, leastManifest, problemsOf, rulesOf } from './manifest.fixture.ts';

/** Values of a field that pass and values that do not, each with the rule that refuses it. */
interface Cases {
  readonly passes: readonly unknown[];
  readonly refused: readonly (readonly [value: unknown, rule: string])[];
}

const words = (text: string, { nullable = false } = {}): Cases => ({
  passes: [...text.split(' '), ...(nullable ? [null] : [])],
  refused: [
    ['elsewhere', 'unknown_value'],
    ['', 'unknown_value'],
    [7, 'wrong_type'],
    ...(nullable ? [] : NOT_NULL),
  ],
});
const NOT_NULL = [[null, 'wrong_type']] as const;
const text: Cases = { passes: ['x', ''], refused: [[7, 'wrong_type'], [['x'], 'wrong_type'], ...NOT_NULL] };
const saidText: Cases = { passes: ['x'], refused: [['', 'empty_value'], [7, 'wrong_type'], ...NOT_NULL] };
const textOrNull: Cases = { passes: ['x', '', null], refused: [[7, 'wrong_type']] };
const time: Cases = {
  passes: ['2026-03-01T00:00:00Z', '2026-03-01t12:30:59.123456+05:30', '2024-02-29T00:00:00z'],
  refused: [
    ...[
      '2026-03-01',
      '2026-03-01T00:00:00',
      '2026-03-01 00:00:00Z',
      '2026-03-01T00:00:00+05',
      '2026-02-29T00:00:00Z',
      '',
    ].map((value) => [value, 'wrong_form'] as const),
    [7, 'wrong_type'],
  ],
};
const timeOrNull: Cases = { ...time, passes: [...time.passes, null] };
const count: Cases = {
  passes: [0, 1, 1e6, 3.0],
  refused: [[-1, 'out_of_range'], [1.5, 'wrong_type'], ['1', 'wrong_type'], ...NOT_NULL],
};
const judgement = words('accept warn quarantine reject');
const CONTRACTS = Object.values(FITTING).map((fields) => fields.contract_ref);

const OPTIONAL: Record<string, Cases> = {
  product_line: words('northstar_workspace northstar_edge_gateway northstar_studio cross_product unknown'),
  canonization_status: words('raw in_progress canonized rejected'),
  notes: text,
};
const REQUIRED: Record<string, Cases> = {
  manifest_id: {
    passes: ['manifest-a-12345678-001', 'manifest-a_b-c-20260301-999', 'manifest---20260301-000'],
    refused: [
      ...[
        'manifest-A-12345678-001',
        'manifest--12345678-001',
        'manifest-a-1234567-001',
        'manifest-a-12345678-01',
        '',
      ].map((value) => [value, 'wrong_form'] as const),
      ['manifest-a-12345678-001\n', 'wrong_form'],
      [7, 'wrong_type'],
    ],
  },
  schema_version: {
    passes: ['source_manifest_v1'],
    refused: [
      ['source_manifest_v3', 'unknown_value'],
      [1, 'unknown_value'],
    ],
  },
  batch_id: saidText,
  license_tag: words('public_domain cc_by cc_by_sa course_synthetic proprietary unknown'),
  load_mode: { passes: ['full_snapshot'], refused: words('').refused },
  created_at: { ...time, refused: [...time.refused, ...NOT_NULL] },
  owner: text,
  modality: { passes: ['document'], refused: words('').refused },
  source_type: { passes: ['other'], refused: words('').refused },
  contract_ref: { passes: [FITTING.doc_asset.contract_ref], refused: words('').refused },
  assets: { passes: [[leastAsset()]], refused: [[[], 'empty_value'], [{}, 'wrong_type'], ...NOT_NULL] },
};
const ASSET: Record<string, Cases> = {
  source_id: saidText,
  source_url_or_path: saidText,
  asset_type: words('pdf html faq release_notes api_doc community_post image other'),
  contract_ref: { passes: [...CONTRACTS, null], refused: words('', { nullable: true }).refused },
  size_bytes: { passes: [...count.passes, null], refused: count.refused.slice(0, 3) },
  checksum_sha256: {
    passes: ['0123456789abcdef'.repeat(4), null],
    refused: [
      ['ab'.repeat(31), 'wrong_form'],
      ['AB'.repeat(32), 'wrong_form'],
      ['', 'wrong_form'],
      [7, 'wrong_type'],
    ],
  },
  transcript_object_path: textOrNull,
  ocr_text_path: textOrNull,
  keyframe_ocr_path: textOrNull,
  audio_track_path: textOrNull,
  duration_sec: {
    passes: [0, 0.5, null],
    refused: [
      [-0.5, 'out_of_range'],
      ['1', 'wrong_type'],
    ],
  },
  language: textOrNull,
  metadata_status: words('complete partial missing unknown', { nullable: true }),
  pii_scan_status: words('clear redacted suspected not_run not_applicable unknown', { nullable: true }),
  notes: text,
};
const WINDOW: Record<string, Cases> = {
  start_at: timeOrNull,
  end_at: timeOrNull,
  cursor_field: textOrNull,
  cursor_start: textOrNull,
  cursor_end: textOrNull,
  watermark_field: textOrNull,
  replay_from_batch: textOrNull,
  backfill_reason: textOrNull,
};
const POLICY: Record<string, Cases> = {
  on_missing_checksum: judgement,
  on_partial_metadata: judgement,
  on_missing_metadata: judgement,
  on_pii_gap: judgement,
  on_contract_mismatch: judgement,
  on_unknown_license: judgement,
};
const INGEST: Record<string, Cases> = {
  parser: words('auto docling unstructured pypdf ocr media custom whisper ffmpeg'),
  chunk_size: count,
  chunk_overlap: count,
  pii_scan: { passes: [true, false], refused: [['true', 'wrong_type'], [0, 'wrong_type'], ...NOT_NULL] },
};

const PLACES: readonly {
  readonly place: string;
  readonly cases: Record<string, Cases>;
  readonly put: (field: string, value: unknown) => unknown;
}[] = [
  {
    place: '',
    cases: { ...REQUIRED, ...OPTIONAL },
    put: (field, value) => leastManifest({ [field]: value }),
  },
  {
    place: '/assets/0',
    cases: ASSET,
    // Multimodal, so that an asset may name any contract; of a type that most contracts admit.
    put: (field, value) =>
      leastManifest({
        modality: 'multimodal',
        assets: [leastAsset({ asset_type: value === CONTRACTS[1] ? 'jsonl' : 'other', [field]: value })],
      }),
  },
  ...Object.entries({ selection_window: WINDOW, gate_policy: POLICY, ingest_config: INGEST }).map(
    ([name, cases]) => ({
      place: `/${name}`,
      cases,
      put: (field: string, value: unknown) => leastManifest({ [name]: { [field]: value } }),
    }),
  ),
];

describe('the form of each field', () => {
  for (const { place, cases, put } of PLACES) {
    for (const [field, { passes, refused }] of Object.entries(cases)) {
      it(`${place}/${field}`, () => {
        for (const value of passes) assert.deepEqual(rulesOf(put(field, value)), [], JSON.stringify(value));
        for (const [value, rule] of refused) {
          assert.deepEqual(rulesOf(put(field, value)), [`${rule} ${place}/${field}`], JSON.stringify(value));
        }
      });
    }

    it(`${place || 'the manifest'} takes no other field`, () => {
      assert.deepEqual(rulesOf(put('$schema', 'x')), [`unknown_field ${place}/$schema`]);
      assert.deepEqual(rulesOf(put('elsewhere', null)), [`unknown_field ${place}/elsewhere`]);
    });
  }

  for (const field of Object.keys(REQUIRED)) {
    it(`${field} is required`, () => {
      const problems = problemsOf(leastManifest({ [field]: undefined }));
      assert.deepEqual(
        problems.map(({ rule, pointer }) => [rule, pointer]),
        [['missing_field', '']],
      );
      assert.ok(problems[0]!.expected.startsWith(`${field}: `));
    });
  }

  for (const field of ['source_id', 'source_url_or_path', 'asset_type']) {
    it(`${field} is required of an asset`, () => {
      const problems = problemsOf(leastManifest({ assets: [leastAsset({ [field]: undefined })] }));
      assert.deepEqual(
        problems.map(({ rule, pointer }) => [rule, pointer]),
        [['missing_field', '/assets/0']],
      );
    });
  }

  for (const value of [null, 7, 'x', [], true]) {
    it(`a document that is ${JSON.stringify(value)} is one problem`, () => {
      assert.deepEqual(rulesOf(value), ['wrong_type ']);
    });
  }

  it('objects that are something else are one problem each', () => {
    for (const name of ['selection_window', 'gate_policy', 'ingest_config']) {
      for (const value of [null, [], 'x']) {
        assert.deepEqual(rulesOf(leastManifest({ [name]: value })), [`wrong_type /${name}`]);
      }
    }
    assert.deepEqual(rulesOf(leastManifest({ assets: [leastAsset(), []] })), ['wrong_type /assets/1']);
  });
});

describe('misspelt names', () => {
  it('of a field are one problem with the name that was meant, though a required field is missing', () => {
    const problems = problemsOf({
      ...leastManifest({ batch_id: undefined, owner: undefined }),
      bacth_id: 'b',
      Owner: 'o',
    });
    assert.deepEqual(
      problems.map(({ rule, pointer, suggestion }) => ({ rule, pointer, suggestion })),
      [
        { rule: 'unknown_field', pointer: '/bacth_id', suggestion: 'batch_id' },
        { rule: 'unknown_field', pointer: '/Owner', suggestion: 'owner' },
      ],
    );
  });

  it('are no suggestion of a field that is there already', () => {
    const [problem] = problemsOf({ ...leastManifest(), batchId: 'b' });
    assert.equal(problem!.rule, 'unknown_field');
    assert.equal('suggestion' in problem!, false);
  });

  it('of a value are told with the value that was meant', () => {
    const suggested = (changes: Record<string, unknown>) =>
      problemsOf(leastManifest(changes)).map((problem) => problem.suggestion);
    assert.deepEqual(suggested({ license_tag: 'CC-BY' }), ['cc_by']);
    assert.deepEqual(suggested({ load_mode: 'fullsnapshot' }), ['full_snapshot']);
    assert.deepEqual(suggested({ contract_ref: 'omni://contracts/data/doc_assets/v1' }), [
      FITTING.doc_asset.contract_ref,
    ]);
    assert.deepEqual(suggested({ assets: [leastAsset({ asset_type: 'htm' })] }), ['html']);
    assert.deepEqual(suggested({ gate_policy: { on_pii_gap: 'qarantine' } }), ['quarantine']);
    assert.deepEqual(suggested({ modality: 'spreadsheet' }), [undefined]);
    assert.deepEqual(suggested({ manifest_id: 'Manifest-Tickets-20260301-001' }), [
      'manifest-tickets-20260301-001',
    ]);
  });
});

describe('what was found', () => {
  const found = (notes: unknown) => problemsOf({ ...leastManifest(), owner: notes })[0]!.found;

  it('is shortened', () => {
    const long = problemsOf(leastManifest({ license_tag: 'é'.repeat(1_000_000) }))[0]!;
    assert.equal(long.found, `"${'é'.repeat(80)}"… (1000000 characters)`);
    assert.equal(found(Array.from({ length: 1000 })), 'a list of 1000 items');
    assert.equal(found({ a: 1, b: 2 }), 'an object with "a", "b"');
    assert.equal(found(null), 'null');
  });

  it('cannot act on a terminal', () => {
    const [problem] = problemsOf({ ...leastManifest(), '\u001b[31m\u202e': 1 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is asserted
    assert.doesNotMatch(problem!.message + problem!.found, /[\u0000-\u001f\u202e]/);
  });
});

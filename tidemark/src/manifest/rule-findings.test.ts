import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FITTING, leastAsset, leastManifest, problemsOf, rulesOf } from './manifest.fixture.ts';
import { PAIRINGS } from './pairings.ts';

const of = (kind: keyof typeof FITTING, asset: object = {}, changes: object = {}) =>
  leastManifest({
    ...FITTING[kind],
    assets: [leastAsset({ asset_type: ASSET_TYPE[kind], ...asset })],
    ...changes,
  });
const ASSET_TYPE = {
  doc_asset: 'html',
  ticket: 'jsonl',
  audio_asset: 'audio',
  video_asset: 'video',
} as const;

describe('licence and canonization', () => {
  it('refuses what is canonized under an unknown licence', () => {
    const manifest = leastManifest({ license_tag: 'unknown', canonization_status: 'canonized' });
    assert.deepEqual(rulesOf(manifest), ['license_canonized /license_tag']);
  });

  it('takes either of them alone', () => {
    assert.deepEqual(
      rulesOf(leastManifest({ license_tag: 'unknown', canonization_status: 'in_progress' })),
      [],
    );
    assert.deepEqual(rulesOf(leastManifest({ license_tag: 'unknown' })), []);
    assert.deepEqual(rulesOf(leastManifest({ canonization_status: 'canonized' })), []);
  });
});

describe('source ids', () => {
  it('refuses every repetition, naming the asset that had it first', () => {
    const assets = ['a', 'b', 'a', 'a', 'A'].map((source_id) => leastAsset({ source_id }));
    const problems = problemsOf(leastManifest({ assets }));
    assert.deepEqual(
      problems.map((problem) => `${problem.rule} ${problem.pointer}`),
      ['duplicate_source_id /assets/2/source_id', 'duplicate_source_id /assets/3/source_id'],
    );
    for (const problem of problems) assert.match(problem.message, /\/assets\/0 /);
  });
});

/** For every contract: what passes, and all the rest of the form's values that do not. */
describe('what a contract admits', () => {
  const MODALITIES = ['document', 'image', 'audio', 'video', 'structured'];
  const SOURCE_TYPES = (
    'help_center faq release_notes api_doc pdf_manual community ticket_export call_recording tts_synthetic ' +
    'tutorial_video screencast other'
  ).split(' ');
  const ASSET_TYPES = 'jsonl pdf html faq release_notes api_doc community_post image audio video other'.split(
    ' ',
  );
  const ADMITTED: Record<
    keyof typeof FITTING,
    { modality: string; sourceTypes: string; assetTypes: string }
  > = {
    doc_asset: {
      modality: 'document',
      sourceTypes: 'help_center faq release_notes api_doc pdf_manual community other',
      assetTypes: 'pdf html faq release_notes api_doc community_post image other',
    },
    ticket: { modality: 'structured', sourceTypes: 'ticket_export', assetTypes: 'jsonl' },
    audio_asset: {
      modality: 'audio',
      sourceTypes: 'call_recording tts_synthetic other',
      assetTypes: 'jsonl audio other',
    },
    video_asset: {
      modality: 'video',
      sourceTypes: 'tutorial_video screencast other',
      assetTypes: 'jsonl video other',
    },
  };

  for (const kind of Object.keys(ADMITTED) as (keyof typeof FITTING)[]) {
    const admitted = ADMITTED[kind];

    it(`${kind}: the fitting manifest passes`, () => {
      assert.deepEqual(rulesOf(of(kind)), []);
    });

    it(`${kind}: no other modality`, () => {
      for (const modality of MODALITIES) {
        const rules = rulesOf(of(kind, {}, { modality }));
        const forbidden = NEVER_TOGETHER.includes(`${modality} ${FITTING[kind].source_type}`);
        if (modality === admitted.modality) assert.deepEqual(rules, []);
        else assert.deepEqual(rules, forbidden ? FORBIDDEN : ['pairing_modality /modality'], modality);
      }
    });

    it(`${kind}: no other source type, multimodal or not`, () => {
      for (const source_type of SOURCE_TYPES) {
        const passes = admitted.sourceTypes.split(' ').includes(source_type);
        const expected = passes ? [] : ['pairing_source_type /source_type'];
        assert.deepEqual(
          rulesOf(of(kind, {}, { source_type, modality: 'multimodal' })),
          expected,
          source_type,
        );
        const forbidden = NEVER_TOGETHER.includes(`${admitted.modality} ${source_type}`);
        assert.deepEqual(
          rulesOf(of(kind, {}, { source_type })),
          forbidden ? FORBIDDEN : expected,
          source_type,
        );
      }
    });

    it(`${kind}: no other asset type`, () => {
      for (const asset_type of ASSET_TYPES) {
        const passes = admitted.assetTypes.split(' ').includes(asset_type);
        assert.deepEqual(
          rulesOf(of(kind, { asset_type })),
          passes ? [] : ['pairing_asset_type /assets/0/asset_type'],
          asset_type,
        );
      }
    });
  }

  it('is listed for every contract that the form knows', () => {
    assert.deepEqual(
      [...PAIRINGS.keys()].sort(),
      Object.values(FITTING)
        .map((fields) => fields.contract_ref)
        .sort(),
    );
  });

  it('of a later version of the form is not told twice: the form refuses the type already', () => {
    assert.deepEqual(rulesOf(of('ticket', { asset_type: 'csv' })), ['unknown_value /assets/0/asset_type']);
    assert.deepEqual(rulesOf(of('doc_asset', { asset_type: 'csv' })), ['unknown_value /assets/0/asset_type']);
  });
});

const FORBIDDEN = ['forbidden_combination /source_type'];
const NEVER_TOGETHER = [
  'document call_recording',
  'audio pdf_manual',
  'audio help_center',
  'video ticket_export',
];

describe('modality and source type that never go together', () => {
  for (const pair of NEVER_TOGETHER) {
    const [modality, source_type] = pair.split(' ');

    it(`${modality} with ${source_type} is one problem under either contract, and comes on top under a third`, () => {
      for (const kind of Object.keys(FITTING) as (keyof typeof FITTING)[]) {
        const rules = rulesOf(of(kind, {}, { modality, source_type }));
        const agrees =
          FITTING[kind].modality === modality ||
          PAIRINGS.get(FITTING[kind].contract_ref)!.sourceTypes.includes(source_type!);
        assert.deepEqual(
          rules,
          agrees
            ? FORBIDDEN
            : ['pairing_modality /modality', ...FORBIDDEN, 'pairing_source_type /source_type'],
          kind,
        );
      }
    });

    it(`${modality} with ${source_type} is told where the contract_ref is misspelt`, () => {
      const rules = rulesOf(
        leastManifest({ modality, source_type, contract_ref: 'omni://contracts/data/docs/v1' }),
      );
      assert.deepEqual(rules, [...FORBIDDEN, 'unknown_value /contract_ref']);
    });
  }
});

describe('a contract of an asset', () => {
  const ticket = FITTING.ticket.contract_ref;
  const own = (contract_ref: string | null, asset_type: string) =>
    leastManifest({ assets: [leastAsset({ contract_ref, asset_type })] });

  it("may repeat the manifest's, or be null", () => {
    assert.deepEqual(rulesOf(own(FITTING.doc_asset.contract_ref, 'html')), []);
    assert.deepEqual(rulesOf(own(null, 'html')), []);
  });

  it("may not be another one, and the type is then judged by the manifest's", () => {
    assert.deepEqual(rulesOf(own(ticket, 'html')), ['asset_contract /assets/0/contract_ref']);
    assert.deepEqual(rulesOf(own(ticket, 'jsonl')), [
      'pairing_asset_type /assets/0/asset_type',
      'asset_contract /assets/0/contract_ref',
    ]);
  });

  it('may be another one in a multimodal manifest, and decides which types pass', () => {
    const mixed = (asset: Record<string, unknown>) =>
      leastManifest({ modality: 'multimodal', assets: [leastAsset(asset)] });
    assert.deepEqual(rulesOf(mixed({ contract_ref: ticket, asset_type: 'jsonl' })), []);
    assert.deepEqual(rulesOf(mixed({ asset_type: 'jsonl' })), ['pairing_asset_type /assets/0/asset_type']);
    assert.deepEqual(rulesOf(mixed({ contract_ref: ticket, asset_type: 'html' })), [
      'pairing_asset_type /assets/0/asset_type',
    ]);
  });

  it('that is misspelt is one problem: no type is judged by it', () => {
    assert.deepEqual(rulesOf(own('omni://contracts/data/tickets/v1', 'jsonl')), [
      'unknown_value /assets/0/contract_ref',
    ]);
  });
});

describe('what a load mode needs', () => {
  const window = (load_mode: string, selection_window?: object) =>
    rulesOf(leastManifest({ load_mode, selection_window }));
  const none = 'load_mode_needs ';
  const inWindow = 'load_mode_needs /selection_window';

  it('full_snapshot needs nothing', () => {
    assert.deepEqual(window('full_snapshot'), []);
    assert.deepEqual(window('full_snapshot', {}), []);
  });

  it('incremental_cursor needs cursor_field and cursor_start', () => {
    assert.deepEqual(window('incremental_cursor', { cursor_field: 'a', cursor_start: '1' }), []);
    assert.deepEqual(window('incremental_cursor'), [none, none]);
    assert.deepEqual(window('incremental_cursor', {}), [inWindow, inWindow]);
    assert.deepEqual(window('incremental_cursor', { cursor_field: 'a' }), [inWindow]);
    assert.deepEqual(window('incremental_cursor', { cursor_start: '1' }), [inWindow]);
  });

  it('cdc needs cursor_field or watermark_field', () => {
    assert.deepEqual(window('cdc', { cursor_field: 'a' }), []);
    assert.deepEqual(window('cdc', { cursor_field: null, watermark_field: 'a' }), []);
    assert.deepEqual(window('cdc', { cursor_start: 'a' }), [inWindow]);
    assert.deepEqual(window('cdc'), [none]);
  });

  it('replay needs replay_from_batch', () => {
    assert.deepEqual(window('replay', { replay_from_batch: 'b' }), []);
    assert.deepEqual(window('replay', { cursor_field: 'b' }), [inWindow]);
  });

  it('backfill needs start_at and end_at', () => {
    const time = '2026-03-01T00:00:00Z';
    assert.deepEqual(window('backfill', { start_at: time, end_at: time }), []);
    assert.deepEqual(window('backfill', { start_at: time }), [inWindow]);
    assert.deepEqual(window('backfill', { end_at: time, backfill_reason: 'late' }), [inWindow]);
  });

  it('is not given by null or by an empty text, and the problem is where that stands', () => {
    assert.deepEqual(window('replay', { replay_from_batch: null }), [
      'load_mode_needs /selection_window/replay_from_batch',
    ]);
    assert.deepEqual(window('cdc', { watermark_field: '' }), [
      'load_mode_needs /selection_window/watermark_field',
    ]);
  });

  it('is not asked for where the field is misspelt or of the wrong type, which is told already', () => {
    assert.deepEqual(window('replay', { replay_from_bacth: 'b' }), [
      'unknown_field /selection_window/replay_from_bacth',
    ]);
    assert.deepEqual(window('replay', { replay_from_batch: 7 }), [
      'wrong_type /selection_window/replay_from_batch',
    ]);
    assert.deepEqual(rulesOf({ ...leastManifest({ load_mode: 'replay' }), selection_windov: {} }), [
      'unknown_field /selection_windov',
    ]);
    assert.deepEqual(rulesOf({ ...leastManifest({ load_mode: 'replay' }), selection_window: [] }), [
      'wrong_type /selection_window',
    ]);
  });
});

it('rules are judged beside breaches of the form, as far as the fields they need are sound', () => {
  const manifest = leastManifest({
    manifest_id: 'least',
    license_tag: 'unknown',
    canonization_status: 'canonized',
    modality: 'audio',
    load_mode: 'replay',
    owner: undefined,
    assets: [leastAsset(), 7, leastAsset({ size_bytes: 'big', asset_type: 'video' })],
  });
  assert.deepEqual(rulesOf(manifest).sort(), [
    'duplicate_source_id /assets/2/source_id',
    'forbidden_combination /source_type',
    'license_canonized /license_tag',
    'load_mode_needs ',
    'missing_field ',
    'pairing_asset_type /assets/2/asset_type',
    'wrong_form /manifest_id',
    'wrong_type /assets/1',
    'wrong_type /assets/2/size_bytes',
  ]);
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nearMiss } from './near-miss.ts';

const FIELDS = ['batch_id', 'owner', 'modality', 'notes', 'pdf', 'cc_by', 'cc_by_sa'];

it('finds the name behind swapped, doubled, missing and wrong letters', () => {
  const meant = {
    bacth_id: 'batch_id',
    batch_idd: 'batch_id',
    modalty: 'modality',
    onwer: 'owner',
    note: 'notes',
  };
  for (const [word, name] of Object.entries(meant)) assert.equal(nearMiss(word, FIELDS), name, word);
});

it('takes no notice of case and punctuation', () => {
  for (const word of ['batchId', 'BATCH-ID', 'batch id', '.batch_id'])
    assert.equal(nearMiss(word, FIELDS), 'batch_id');
});

it('prefers the nearest', () => {
  assert.equal(nearMiss('CC-BY', FIELDS), 'cc_by');
  assert.equal(nearMiss('cc_by_saa', FIELDS), 'cc_by_sa');
});

it('finds nothing behind another word, a short one or a very long one', () => {
  for (const word of ['', '$', 'url', 'mp4', 'colour', 'batch_number', 'x'.repeat(1_000_000)]) {
    assert.equal(nearMiss(word, FIELDS), undefined, word.slice(0, 20));
  }
});

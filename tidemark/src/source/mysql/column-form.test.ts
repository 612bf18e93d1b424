import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnForm, type FieldType } from './column-form.ts';

const TEXT = 255;
const BINARY = 63;
const form = (field: Partial<FieldType>) =>
  columnForm('c', {
    field: { type: 253, flags: 0, characterSet: TEXT, columnLength: 40, format: null, ...field },
    quoted: '`c`',
  });
const json = (field: Partial<FieldType>, text: string) => form(field).toJson(text);

describe('a value of MySQL', () => {
  it('that is a number has every digit, and no zeros before it', () => {
    assert.equal(json({ type: 8, flags: 32 }, '18446744073709551615'), '18446744073709551615');
    assert.equal(json({ type: 246, flags: 64 }, '-0001.10'), '-1.10');
    assert.equal(json({ type: 13, flags: 96 }, '0000'), '0');
    assert.equal(json({ type: 5 }, '-0'), '-0');
  });

  it('of single precision is the shortest number that reads back the same, of the double that the server gives', () => {
    assert.equal(form({ type: 4 }).expression, '`c` * 1e0');
    for (const [text, short] of [
      ['0.10000000149011612', '0.1'],
      ['16777216', '16777216'],
      ['1.401298464324817e-45', '1e-45'],
      ['3.4028234663852886e38', '3.4028235e+38'],
      ['-0', '-0'],
    ] as const)
      assert.equal(json({ type: 4 }, text), short);
  });

  it('of tinyint(1) is a boolean, other numbers than 0 and 1 aside', () => {
    const field = { type: 1, columnLength: 1 };
    assert.deepEqual(
      ['0', '1', '2'].map((text) => json(field, text)),
      ['false', 'true', '2'],
    );
    assert.equal(json({ ...field, flags: 32 }, '1'), '1');
    assert.equal(json({ type: 1, columnLength: 4 }, '1'), '1');
  });

  it('that is a time is RFC 3339, with a zone where it has one; dates that are none stay text', () => {
    assert.equal(json({ type: 7 }, '2026-03-05 23:59:58.1'), '"2026-03-05T23:59:58.1Z"');
    assert.equal(json({ type: 12 }, '2026-03-05 23:59:58'), '"2026-03-05T23:59:58"');
    for (const none of [
      '0000-00-00 00:00:00',
      '2026-00-05 00:00:00',
      '2026-02-00 00:00:00',
      '0000-01-01 00:00:00',
    ])
      assert.equal(json({ type: 12 }, none), `"${none}"`);
    assert.equal(json({ type: 11 }, '-838:59:59'), '"-838:59:59"');
  });

  it('that is bytes is hexadecimal, of bits their digits', () => {
    const bytes = form({ type: 252, characterSet: BINARY });
    assert.deepEqual([bytes.type, bytes.bytes, bytes.toJson('00ff')], ['blob', true, '"\\\\x00ff"']);
    assert.equal(json({ type: 16, columnLength: 10 }, '0016'), '"0000010110"');
    assert.equal(json({ type: 255, characterSet: BINARY }, '00'), '"\\\\x00"');
  });

  it('that is JSON is what it says, on MariaDB too, which keeps it as text', () => {
    assert.equal(json({ type: 245, characterSet: BINARY }, '{"a": 1.10}'), '{"a": 1.10}');
    assert.equal(json({ type: 252, format: 'json' }, '{"a":\n1}'), '{"a": 1}');
    assert.equal(json({ type: 252 }, '{"a": 1}'), '"{\\"a\\": 1}"');
  });

  it('of another type is text', () => {
    assert.equal(json({ type: 254, flags: 256 }, "it's"), '"it\'s"');
    assert.equal(form({ type: 254, flags: 2048 }).type, 'set');
    assert.equal(form({ type: 99 }).type, 'type 99');
  });
});

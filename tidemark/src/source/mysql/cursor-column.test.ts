import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CursorColumn, cursorColumn } from '../relation/cursor-column.ts';
import type { ValueOrder } from '../row-source.ts';
import type { MysqlForm } from './column-form.ts';
import { CURSORS } from './cursor-column.ts';

function cursor(type: string, kind: ValueOrder['kind'], { length = 10 } = {}): CursorColumn {
  const form: MysqlForm = { name: 'at', type, length, bytes: false, expression: '`at`', toJson: String };
  return cursorColumn(CURSORS, { form, quoted: '`at`', kind, clock: null });
}

describe('a cursor’s column of MySQL', () => {
  it('has its values in SQL so that no text can end them', () => {
    assert.equal(
      cursor('timestamp', 'instant').literal('2026-03-01 10:00:00.000001+00'),
      "TIMESTAMP'2026-03-01 10:00:00.000001'",
    );
    assert.equal(cursor('bigint unsigned', 'integer').literal(2n ** 64n - 1n), '18446744073709551615');
    assert.equal(cursor('double', 'number').literal(0.1), '0.1e0');
    assert.equal(cursor('varchar', 'text').literal("' OR 1"), `x'${Buffer.from("' OR 1").toString('hex')}'`);
    assert.equal(cursor('date', 'text').literal("2026-03-01' OR '1"), "DATE'2026-03-01 OR 1'");
  });

  it('is refused where its order is not the contract’s, and says what is', () => {
    for (const [type, kind, told] of [
      ['datetime', 'instant', /ordered by timestamp; a datetime has no zone/],
      ['decimal', 'integer', /CAST\(… AS SIGNED\)/],
      ['float', 'number', /\* 1e0/],
      ['text', 'text', /at most 256 characters/],
    ] as const)
      assert.throws(() => cursor(type, kind), told);
    assert.throws(() => cursor('varchar', 'text', { length: 257 }), /at most 256 characters/);
  });
});

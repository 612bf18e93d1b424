import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boundBelow } from './safe-bound.ts';

const NOW = Date.parse('2026-04-01T12:00:00Z') / 1000;
const process = (id: string, command: string, seconds: string, user = 'app') => [
  id,
  user,
  'box:1',
  'desk',
  command,
  seconds,
];
const at = (facts: Partial<Parameters<typeof boundBelow>[0]>) => {
  const bound = boundBelow({ now: NOW, processes: [], open: [], ...facts });
  return bound.kind === 'bound' ? `${bound.at} ${bound.because}` : bound.why;
};

describe('how far what the clock of MySQL gave is finished', () => {
  it('is two seconds ago where nothing is running', () => {
    assert.match(at({}), /^TIMESTAMP'2026-04-01 11:59:58' less than two seconds old/);
    const idle = [process('7', 'Sleep', '500'), process('8', 'Daemon', '90000', 'system user')];
    assert.match(at({ processes: idle }), /^TIMESTAMP'2026-04-01 11:59:58'/);
  });

  it('is before the beginning of a statement that is running, which may be waiting for its table', () => {
    assert.match(
      at({ processes: [process('7', 'Query', '30'), process('8', 'Execute', '3')] }),
      /^TIMESTAMP'2026-04-01 11:59:28' a statement is running for 30 s \(thread 7 of app@box:1\)/,
    );
  });

  it('is a minute before the beginning of the oldest transaction, whose statement may have waited so long', () => {
    assert.match(
      at({
        processes: [process('7', 'Sleep', '5')],
        open: [['7', String(NOW - 10), '2026-04-01 11:59:50']],
      }),
      /^TIMESTAMP'2026-04-01 11:58:48' a transaction is open since 2026-04-01 11:59:50 \(thread 7 of app@box:1\)/,
    );
  });

  it('is not known while a transaction is prepared without a session, nor where another server’s writes arrive', () => {
    assert.match(at({ open: [['0', String(NOW), '']] }), /prepared \(XA\)/);
    assert.match(at({ processes: [process('3', 'Connect', '9', 'system user')] }), /another one has written/);
  });
});

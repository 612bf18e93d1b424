import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HealthFacts, healthOf } from './health.ts';
import { judgedWatermark, stalenessOf } from './staleness.ts';

const HOUR = 3_600_000;

describe('staleness is judged from event time against the declared cadence', () => {
  const judge = (watermark: string | null, cadence: number | null, lateness = 0) =>
    stalenessOf({
      watermark,
      cadenceMs: cadence === null ? null : cadence * HOUR,
      latenessMs: lateness * HOUR,
      nowMs: Date.parse('2026-03-06T12:00:00Z'),
    });

  for (const [watermark, cadence, lateness, kind] of [
    ['2026-03-06T00:00:00Z', 24, 0, 'fresh'],
    ['2026-03-05T12:00:00Z', 24, 0, 'fresh'],
    ['2026-03-05T11:59:59Z', 24, 0, 'stale'],
    ['2026-03-05T11:59:59Z', 24, 6, 'fresh'],
    ['2026-03-04T12:00:00Z', 24, 0, 'stale'],
    ['2026-03-04T11:59:59Z', 24, 0, 'overdue'],
    ['2026-03-07T00:00:00Z', 24, 0, 'fresh'],
    ['41', 24, 0, 'unknown'],
    [null, 24, 0, 'unknown'],
    [null, null, 0, 'not_declared'],
    ['2020-01-01', null, 0, 'not_declared'],
  ] as const) {
    it(`${watermark} with a cadence of ${cadence} h and a lateness of ${lateness} h is ${kind}`, () => {
      assert.equal(judge(watermark, cadence, lateness).kind, kind);
    });
  }

  it('says how far behind', () => {
    assert.equal(judge('2026-03-06T09:00:00Z', null).behindMs, 3 * HOUR);
  });

  it('of several sources with a cursor the farthest behind counts, of files that follow each other the latest', () => {
    const at = (watermark: string | null, hasCursor: boolean) => ({ watermark, hasCursor });
    assert.equal(judgedWatermark([at('2026-03-01', false), at('2026-03-05', false)]), '2026-03-05');
    assert.equal(judgedWatermark([at('2026-03-04', true), at('2026-03-05', true)]), '2026-03-04');
    assert.equal(judgedWatermark([at('2026-03-04', true), at('2026-03-01', false)]), '2026-03-04');
    assert.equal(judgedWatermark([at(null, true)]), null);
    assert.equal(judgedWatermark([]), null);
  });
});

describe('health is the worst of its parts', () => {
  const well: HealthFacts = {
    lastRun: 'committed',
    turnedAway: 0,
    otherBatches: 0,
    staleness: 'fresh',
    incident: null,
    verification: 'proven',
  };

  for (const [change, health] of [
    [{}, 'healthy'],
    [{ lastRun: 'running' }, 'healthy'],
    [{ lastRun: 'nothing_to_commit' }, 'healthy'],
    [{ lastRun: null }, 'degraded'],
    [{ lastRun: 'withheld' }, 'unhealthy'],
    [{ lastRun: 'failed' }, 'unhealthy'],
    [{ lastRun: 'interrupted' }, 'unhealthy'],
    [{ lastRun: 'died' }, 'unhealthy'],
    [{ turnedAway: 1 }, 'degraded'],
    [{ otherBatches: 1 }, 'degraded'],
    [{ staleness: 'not_declared' }, 'healthy'],
    [{ staleness: 'stale' }, 'degraded'],
    [{ staleness: 'unknown' }, 'degraded'],
    [{ staleness: 'overdue' }, 'unhealthy'],
    [{ incident: 'minor' }, 'degraded'],
    [{ incident: 'major' }, 'degraded'],
    [{ incident: 'critical' }, 'unhealthy'],
    [{ verification: 'nothing_committed' }, 'healthy'],
    [{ verification: 'behind' }, 'degraded'],
    [{ verification: 'unproven' }, 'degraded'],
    [{ verification: 'failed' }, 'unhealthy'],
    [{ staleness: 'stale', incident: 'critical' }, 'unhealthy'],
  ] as const) {
    it(`${JSON.stringify(change)}: ${health}`, () => {
      const found = healthOf({ ...well, ...change } as HealthFacts);
      assert.equal(found.health, health);
      assert.equal(found.reasons.length, health === 'healthy' ? 0 : Object.keys(change).length);
    });
  }
});

import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock } from './engine.ts';

export const SYSTEM_CLOCK: Clock = {
  now: () => new Date(),
  newRunId: () => v7(),
  newTraceId: () => randomBytes(16).toString('hex'),
};

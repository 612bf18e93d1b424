import type {
  PostgresCall,
  PostgresFault,
  PostgresProxy,
} from '../../tidemark/src/testing/postgres-proxy.ts';
import { SERVICES } from '../../tidemark/src/testing/services.ts';

/** With a server at hand (`npm run test:postgres`) every fault meets every call; else every fault the calls that decide. */
export const EVERY_CALL = SERVICES.postgres !== undefined;
/** How long an answer may take here: what is silent on purpose costs that long. */
export const ANSWER_MS = 1500;

/** By what a person would say of it. `commits`: whether the run gets over it by itself, wherever in the commit it is met. */
export const POSTGRES_FAULTS: Readonly<Record<string, { fault: PostgresFault; commits: boolean }>> = {
  'a connection that is cut before': { fault: 'cut_before', commits: true },
  'a lost acknowledgement': { fault: 'lost_acknowledgement', commits: true },
  'a session that an administrator ends': { fault: 'terminated', commits: true },
  'a serialization failure': { fault: { sqlstate: '40001' }, commits: true },
  'a deadlock': { fault: { sqlstate: '40P01' }, commits: true },
  'a cancelled statement': { fault: { sqlstate: '57014' }, commits: true },
  'too many connections': { fault: { sqlstate: '53300' }, commits: true },
  'a database that takes no writing': { fault: { sqlstate: '25006' }, commits: false },
  'silence before': { fault: 'stall_before', commits: true },
  'silence after': { fault: 'stall_after', commits: true },
};

export interface Strike {
  /** What the fault was met by; null where the calls were fewer. */
  call(): PostgresCall | null;
}

/** From now on the `number`th of the calls that count meets a fault, and no other. */
export function strike(
  proxy: PostgresProxy,
  {
    fault,
    number,
    counts,
  }: { fault: PostgresFault; number: number; counts: (call: PostgresCall) => boolean },
): Strike {
  let count = 0;
  let met: PostgresCall | null = null;
  proxy.fault = (call) => {
    if (met !== null || !counts(call)) return null;
    count += 1;
    if (count !== number) return null;
    met = call;
    return fault;
  };
  return { call: () => met };
}

import { readFileSync } from 'node:fs';

/** The most memory this process has held so far, told twice by the kernel. */
export interface PeakMemory {
  /** `ru_maxrss`. */
  readonly maxRssBytes: number;
  /** `VmHWM`; null where there is no `/proc`. */
  readonly highWaterBytes: number | null;
}

export function peakMemory(): PeakMemory {
  return {
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
    highWaterBytes: highWaterBytes(process.pid),
  };
}

/** The most another process has held; null when it has ended. */
export function highWaterBytes(pid: number): number | null {
  return fromStatus(pid, /^VmHWM:\s*(\d+) kB$/m);
}

/** What another process holds now; null when it has ended. */
export function residentBytes(pid: number): number | null {
  return fromStatus(pid, /^VmRSS:\s*(\d+) kB$/m);
}

function fromStatus(pid: number, line: RegExp): number | null {
  try {
    const found = line.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return found === null ? null : Number(found[1]) * 1024;
  } catch {
    return null;
  }
}

import { cpus, platform, release, totalmem } from 'node:os';
import { version } from '@duckdb/node-api';

/** What the figures hang on. Nothing that names the machine. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly duckdb: string;
}

export function thisMachine(): Machine {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: first?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    // The numbers alone: what a distributor adds to them can name the host.
    system: `${platform()} ${/^[\d.]+/.exec(release())?.[0] ?? ''}`.trim(),
    node: process.version,
    duckdb: version(),
  };
}

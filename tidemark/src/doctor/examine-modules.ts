import type { ProjectConfig } from '../config/read-config.ts';
import { moduleOf } from '../run/read-module.ts';
import { bad, type Finding, good } from './finding.ts';

/** Whether every source of the project's own can be loaded; none is opened. */
export async function examineModules({ sources }: Pick<ProjectConfig, 'sources'>): Promise<Finding> {
  const names = Object.keys(sources);
  for (const name of names) {
    const found = await moduleOf({ sources }, name);
    if (found.kind === 'unreachable') return bad(`${found.code} ${found.message}`, found.next);
  }
  return good(names.length === 0 ? 'none are declared' : `${names.join(', ')} can be loaded`);
}

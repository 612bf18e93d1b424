import type { Selection } from '../run/load-declarations.ts';
import type { SelectionOptions } from './global-options.ts';

export function selectionOf({ manifestDir, manifestPath, batchId }: SelectionOptions): Selection {
  return {
    ...(manifestDir !== undefined && { manifestDirs: manifestDir }),
    ...(manifestPath !== undefined && { manifestPaths: manifestPath }),
    ...(batchId !== undefined && { batchId }),
  };
}

import { writeIfChanged } from '../evidence/smoke-report.ts';
import type { Invocation, Tidemark } from '../tidemark.ts';

/** @returns whether the file changed. */
export async function writeSmokeReport(options: {
  tidemark: Tidemark;
  invocation: Invocation;
  path: string;
}): Promise<boolean> {
  return await writeIfChanged({
    path: options.path,
    text: await options.tidemark.smokeReport(options.invocation),
  });
}

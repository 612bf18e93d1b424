import type { Safekeeping } from '../open-safekeeping.ts';
import type { OpenOptions } from '../open-tidemark.ts';
import type { Tidemark } from '../tidemark.ts';
import { projectWords } from './command-line.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Output } from './output.ts';
import { type Page, pageFor } from './render/page.ts';

/** What a command may use: its global options, the two streams, and the page that its text is laid out for. */
export interface Session {
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly page: Page;
}

export function openSession({ options, output }: { options: GlobalOptions; output: Output }): Session {
  return {
    options,
    output,
    page: pageFor({
      stream: output.stdout,
      noColor: !options.color,
      projectWords: projectWords(options),
    }),
  };
}

/** Opens the project that the options name. The engine is loaded here, not before: `--help` must not wait for it. */
export async function openProject(
  { options }: Session,
  more: Pick<OpenOptions, 'readOnly' | 'signal' | 'onEvent'>,
): Promise<Tidemark> {
  const { openTidemark } = await import('../open-tidemark.ts');
  const { project, home } = options;
  return await openTidemark({
    ...more,
    ...(project !== undefined && { project }),
    ...(home !== undefined && { home }),
  });
}

/** What looks after the catalog's file, which need not be one that can be opened. */
export async function openKeeping({ options }: Session): Promise<Safekeeping> {
  const { openSafekeeping } = await import('../open-safekeeping.ts');
  const { project, home } = options;
  return await openSafekeeping({
    ...(project !== undefined && { project }),
    ...(home !== undefined && { home }),
  });
}

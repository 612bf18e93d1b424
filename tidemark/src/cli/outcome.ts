import type { ExitCode } from './exit-codes.ts';
import type { Page } from './render/page.ts';

/** How a command ended: data, so that what is printed can be asserted without a process. */
export interface Outcome {
  readonly exit: ExitCode;
  /** What `--json` prints, beside `command` and `exit_code`; null when the command has printed all there is. */
  readonly document: object | null;
  /** For people. */
  lines(page: Page): readonly string[];
  /** What is left of it with `--quiet`; nothing, when this is absent. */
  quietLines?(page: Page): readonly string[];
}

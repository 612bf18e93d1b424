import type { Command } from 'commander';
import { bashScript } from '../completion/bash-script.ts';
import { completionTree } from '../completion/completion-tree.ts';
import { fishScript } from '../completion/fish-script.ts';
import type { Shell } from '../completion/shells.ts';
import { zshScript } from '../completion/zsh-script.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';

/**
 * A script that knows the whole tree of commands. It is static: asking a program at every press of the key, as
 * completion libraries do, costs the start of Node each time.
 */
export function completionCommand({ program, shell }: { program: Command; shell: Shell }): Outcome {
  const script = SCRIPTS[shell](completionTree(program));
  const lines = () => script.trimEnd().split('\n');
  return { exit: EXIT.done, document: { shell, script }, lines, quietLines: lines };
}

const SCRIPTS: Record<Shell, (tree: ReturnType<typeof completionTree>) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

import type { CompletedCommand, Value } from './completion-tree.ts';
import { commandCases, optionsTakingValues, valueGroups } from './script-parts.ts';

/** For bash 3.2 and newer (what macOS has), without the bash-completion package. */
export function bashScript(tree: readonly CompletedCommand[]): string {
  const cases = tree.map(
    (command) =>
      `    '${command.path}') ${command.argument === null ? '' : `${valueCode(command.argument)}; `}words='${wordsOf(command)}' ;;`,
  );
  return `# bash completion for tidemark; load it with: source <(tidemark completion bash)
_tidemark() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb='' skip='' word='' words='' i
  local IFS=$' \\t\\n'
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      ${optionsTakingValues(tree).join('|')}) skip=1 ;;
      -*) ;;
      *) case $verb/$word in
${commandCases(tree, '          ')}
        esac ;;
    esac
  done
  case $prev in
${valueGroups(tree)
  .map(({ names, value }) => `    ${names.join('|')}) ${valueCode(value)}; return ;;`)
  .join('\n')}
  esac
  case $verb in
${cases.join('\n')}
  esac
  IFS=$'\\n' COMPREPLY+=($(IFS=' '; compgen -W "$words" -- "$cur"))
}
complete -F _tidemark tidemark
`;
}

/** Options are offered once one is begun: before that they would hide the verbs. */
function wordsOf({ commands, options }: CompletedCommand): string {
  return [...commands.map(({ name }) => name), ...options.flatMap(({ names }) => names)].join(' ');
}

function valueCode(value: Value): string {
  const take = (generate: string) => `IFS=$'\\n' COMPREPLY+=($(${generate} -- "$cur"))`;
  switch (value.kind) {
    case 'folder':
      return `compopt -o filenames 2>/dev/null; ${take('compgen -d')}`;
    case 'file':
      return `compopt -o filenames 2>/dev/null; ${take('compgen -f')}`;
    case 'choices':
      return take(`IFS=' '; compgen -W '${value.choices.join(' ')}'`);
    case 'text':
      return ':';
  }
}

import type { CompletedCommand, Value } from './completion-tree.ts';
import { commandCases, optionsTakingValues, quoted, valueGroups } from './script-parts.ts';

/** Works as a function file in `fpath` and when it is sourced. */
export function zshScript(tree: readonly CompletedCommand[]): string {
  return `#compdef tidemark
# zsh completion for tidemark; load it with: source <(tidemark completion zsh)
_tidemark() {
  local verb='' skip='' word=''
  local -i i
  local -a verbs options
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      ${optionsTakingValues(tree).join('|')}) skip=1 ;;
      -*) ;;
      *) case $verb/$word in
${commandCases(tree, '          ')}
        esac ;;
    esac
  done
  case \${words[CURRENT-1]} in
${valueGroups(tree)
  .map(({ names, value }) => `    ${names.join('|')}) ${valueCode(value)}; return ;;`)
  .join('\n')}
  esac
  case $verb in
${tree.map(caseOf).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe -o option options
  elif (( \${#verbs} )); then
    _describe command verbs
  fi
}
if [[ \${funcstack[1]} == _tidemark ]]; then _tidemark "$@"; else compdef _tidemark tidemark; fi
`;
}

function caseOf({ path, commands, options, argument }: CompletedCommand): string {
  const verbs = commands.map(({ name, description }) => described(name, description));
  const opts = options.flatMap(({ names, description }) => names.map((name) => described(name, description)));
  const values =
    argument === null ? '' : `[[ \${words[CURRENT]} == -* ]] || { ${valueCode(argument)}; return }; `;
  return `    '${path}') ${values}verbs=(${verbs.join(' ')}); options=(${opts.join(' ')}) ;;`;
}

function described(name: string, description: string): string {
  return quoted(`${name.replaceAll(':', '\\:')}:${description}`);
}

function valueCode(value: Value): string {
  switch (value.kind) {
    case 'folder':
      return '_files -/';
    case 'file':
      return '_files';
    case 'choices':
      return `compadd -- ${value.choices.map(quoted).join(' ')}`;
    case 'text':
      return '_message value';
  }
}

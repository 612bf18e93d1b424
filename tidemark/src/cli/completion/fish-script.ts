import type { CompletedCommand, CompletedOption, Value } from './completion-tree.ts';
import { optionsTakingValues } from './script-parts.ts';

export function fishScript(tree: readonly CompletedCommand[]): string {
  const cases = tree
    .filter(({ path }) => path !== '')
    .map(({ path, names }) => {
      const parent = path.slice(0, path.lastIndexOf('/'));
      return `                case ${names.map((name) => quote(`${parent}/${name}`)).join(' ')}\n                    set verb ${quote(path)}`;
    });
  return `# fish completion for tidemark; load it with: tidemark completion fish | source
function __tidemark_verb
    set -l verb ''
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${optionsTakingValues(tree).map(quote).join(' ')}
                set skip 1
            case '-*'
            case '*'
                switch $verb/$word
${cases.map((text) => text.replaceAll(/^ {16}/gm, ' '.repeat(20))).join('\n')}
                end
        end
    end
    echo -- $verb
end
complete -c tidemark -e
complete -c tidemark -f
${tree.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, options, argument }: CompletedCommand): string[] {
  const when = `complete -c tidemark -n ${quote(`test "$(__tidemark_verb)" = ${JSON.stringify(path)}`)}`;
  return [
    ...commands.map(({ name, description }) => `${when} -a ${quote(name)} -d ${quote(description)}`),
    ...(argument === null || argument.kind === 'text' ? [] : [`${when} ${valueCode(argument)}`]),
    ...options.map((option) => `${when} ${optionCode(option)} -d ${quote(option.description)}`),
  ];
}

function optionCode({ names, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...flags, ...(value === null ? [] : ['-x', valueCode(value)])]
    .filter((part) => part !== '')
    .join(' ');
}

function valueCode(value: Value): string {
  switch (value.kind) {
    case 'folder':
      return `-a '(__fish_complete_directories)'`;
    case 'file':
      return `-a '(__fish_complete_path)'`;
    case 'choices':
      return `-a ${quote(value.choices.join(' '))}`;
    case 'text':
      return '';
  }
}

/** In single quotes fish knows two escapes: of the quote and of the backslash. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

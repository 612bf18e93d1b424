/** A source of the project's own: `module:<name in tidemark.yaml>?<parameters>`. */
export interface ModuleLocation {
  readonly module: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const SCHEME = 'module:';

export function isModuleLocation(declared: string): boolean {
  return declared.startsWith(SCHEME);
}

/** A string says what is wrong with it. */
export function parseModuleLocation(declared: string): ModuleLocation | string {
  const [module = '', query = ''] = declared.slice(SCHEME.length).split(/\?(.*)/s);
  if (module === '') return 'it names no module: write its name in tidemark.yaml right after module:';
  const parameters = [...new URLSearchParams(query)];
  const names = parameters.map(([name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `it gives ${twice} twice`;
  return { module, parameters: Object.fromEntries(parameters) };
}

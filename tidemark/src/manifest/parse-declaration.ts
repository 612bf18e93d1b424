import { type ParsedJson, parseJsonTree } from './parse-json-tree.ts';
import { parseYamlTree } from './parse-yaml-tree.ts';

/** By the ending of the file’s name: JSON, or YAML. */
export function parseDeclaration({ path, text }: { path: string; text: string }): ParsedJson {
  return isYaml(path) ? parseYamlTree(text) : parseJsonTree(text);
}

export function isYaml(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

import { pathToFileURL } from 'node:url';
import type { RowSource } from '../row-source.ts';

/** The default export of a file, as a source of rows; a string says why it is none. */
export async function loadModule(path: string): Promise<RowSource | string> {
  try {
    const { default: source } = (await import(pathToFileURL(path).href)) as { default?: unknown };
    return isRowSource(source) ? source : `${path} has no default export with a method open`;
  } catch (error) {
    return `${path} cannot be loaded: ${(error as Error).message}`;
  }
}

function isRowSource(value: unknown): value is RowSource {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function';
}

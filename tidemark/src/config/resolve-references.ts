import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export type Resolved =
  | { readonly kind: 'resolved'; readonly text: string }
  | { readonly kind: 'unresolved'; readonly reason: string };

const REFERENCE = /\$\{(env|file):([^}]*)\}/g;

export function holdsReference(text: string): boolean {
  return text.search(REFERENCE) !== -1;
}

/** What is written there by itself. */
export function withoutReferences(text: string): string {
  return text.replaceAll(REFERENCE, '');
}

/**
 * Puts in what `${env:NAME}` and `${file:path}` refer to, so that no secret stands in a file that is shared. Of a file
 * its last newline is left out; paths are relative to `root`. `put` fits a value that is a part of the text into it.
 * What was put in is never stored and never shown; reasons name references alone.
 */
export function resolveReferences(
  text: string,
  {
    root,
    env = process.env,
    put = (value) => value,
  }: { root: string; env?: NodeJS.ProcessEnv; put?: (value: string) => string },
): Resolved {
  const reasons: string[] = [];
  const resolved = text.replaceAll(REFERENCE, (reference, kind: string, name: string) => {
    const value = kind === 'env' ? env[name] : contentOf(resolve(root, name));
    if (value === undefined || value === '')
      reasons.push(`${reference} is ${kind === 'env' ? 'not set' : 'not readable, or empty'}`);
    return reference === text ? (value ?? '') : put(value ?? '');
  });
  const [reason] = reasons;
  return reason === undefined ? { kind: 'resolved', text: resolved } : { kind: 'unresolved', reason };
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

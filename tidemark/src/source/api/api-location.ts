const SCHEME = 'api:';

export function isApiLocation(declared: string): boolean {
  return declared.startsWith(SCHEME);
}

/** The name of an API in `tidemark.yaml`: `api:<name>`. */
export function apiNameOf(declared: string): string {
  return declared.slice(SCHEME.length);
}

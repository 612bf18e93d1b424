/** A stream of a Singer tap: `singer:<name in tidemark.yaml>?stream=<stream>`. */
export interface SingerLocation {
  readonly tap: string;
  readonly stream: string;
}

const SCHEME = 'singer:';

export function isSingerLocation(declared: string): boolean {
  return declared.startsWith(SCHEME);
}

/** A string says what is wrong with it. */
export function parseSingerLocation(declared: string): SingerLocation | string {
  const [tap = '', query = ''] = declared.slice(SCHEME.length).split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => name !== 'stream');
  if (unknown !== undefined) return `it has no parameter ${unknown}; known is stream`;
  if (tap === '') return 'it names no tap: write its name in tidemark.yaml right after singer:';
  const [stream, ...others] = parameters.getAll('stream').filter((name) => name !== '');
  if (stream === undefined || others.length > 0) return 'it has to name one stream, as in ?stream=tickets';
  return { tap, stream };
}

/** Draws that depend on the seed alone, so that the sample world is the same on every machine. */
export interface Random {
  /** 0 ≤ x < 1, in steps of 2^-32. */
  fraction(): number;
  /** Both ends included. */
  integer(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean;
}

/** One independent stream per name: adding a draw to one part of the world leaves all others as they were. */
export function seededRandom(name: string): Random {
  const next = sfc32(name);
  const fraction = () => next() / 2 ** 32;
  const integer = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    integer,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[integer(0, list.length - 1)] as T;
    },
    chance: (probability) => fraction() < probability,
  };
}

/** The small fast counting generator (sfc32), its state spread from the name by FNV-1a; 32 bits a draw. */
function sfc32(name: string): () => number {
  let hash = 0x811c9dc5;
  const mix = (byte: number) => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    return hash;
  };
  for (const byte of Buffer.from(name)) mix(byte);
  let a = mix(1);
  let b = mix(2);
  let c = mix(3);
  let counter = 1;
  const next = () => {
    const drawn = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + drawn;
    return drawn >>> 0;
  };
  // The first draws still show the seed.
  for (let round = 0; round < 16; round += 1) next();
  return next;
}

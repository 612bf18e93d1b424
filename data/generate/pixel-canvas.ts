import { GLYPH, glyphRows } from './pixel-font.ts';

/** The only four colours of all pictures: two bits a pixel. */
export const PALETTE = {
  paper: [0xf7, 0xf5, 0xef],
  ink: [0x1f, 0x29, 0x37],
  green: [0x12, 0x7a, 0x5a],
  amber: [0xe0, 0x8a, 0x1e],
} as const;

export type Colour = keyof typeof PALETTE;
export const COLOURS = Object.keys(PALETTE) as readonly Colour[];

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PixelCanvas {
  readonly width: number;
  readonly height: number;
  /** One index into `COLOURS` a pixel, row by row. */
  readonly pixels: Uint8Array;
  /** Every text drawn, in order: what a perfect reader of the picture would find. */
  readonly texts: readonly string[];
  fill(box: Box, colour: Colour): void;
  frame(box: Box, colour: Colour): void;
  /** Capitals, digits and a few signs; `scale` pixels a dot. */
  text(text: string, at: { x: number; y: number; scale?: number; colour?: Colour }): void;
}

export function pixelCanvas({ width, height }: { width: number; height: number }): PixelCanvas {
  const pixels = new Uint8Array(width * height);
  const texts: string[] = [];
  const fill = (box: Box, colour: Colour) => {
    const index = COLOURS.indexOf(colour);
    const right = Math.min(box.x + box.width, width);
    for (let y = Math.max(0, box.y); y < Math.min(box.y + box.height, height); y += 1) {
      pixels.fill(index, y * width + Math.max(0, box.x), y * width + right);
    }
  };
  return {
    width,
    height,
    pixels,
    texts,
    fill,
    frame({ x, y, width: w, height: h }, colour) {
      fill({ x, y, width: w, height: 2 }, colour);
      fill({ x, y: y + h - 2, width: w, height: 2 }, colour);
      fill({ x, y, width: 2, height: h }, colour);
      fill({ x: x + w - 2, y, width: 2, height: h }, colour);
    },
    text(text, { x, y, scale = 1, colour = 'ink' }) {
      if (x + (text.length * GLYPH.advance - 1) * scale > width)
        throw new RangeError(`${text} runs off the picture`);
      texts.push(text);
      [...text].forEach((letter, position) => {
        glyphRows(letter).forEach((bits, row) => {
          for (let column = 0; column < GLYPH.width; column += 1) {
            if (((bits >> (GLYPH.width - 1 - column)) & 1) === 0) continue;
            const dot = { x: x + (position * GLYPH.advance + column) * scale, y: y + row * scale };
            fill({ ...dot, width: scale, height: scale }, colour);
          }
        });
      });
    },
  };
}

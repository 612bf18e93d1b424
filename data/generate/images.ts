import { type GeneratedFile, textFile } from './generated-file.ts';
import { type PixelCanvas, pixelCanvas } from './pixel-canvas.ts';
import { writePng } from './png.ts';

export interface Diagram {
  readonly imagePath: string;
  /** What is written in the picture, line by line, as a reader of text in images would give it. */
  readonly ocrPath: string;
  draw(canvas: PixelCanvas): void;
}

export const PORTS_DIAGRAM: Diagram = {
  imagePath: 'data/seeds/manuals/edge-gateway-ports.png',
  ocrPath: 'data/seeds/manuals/edge-gateway-ports.ocr.txt',
  draw(canvas) {
    canvas.text('EDGE GATEWAY 3.2: PORTS', { x: 24, y: 20, scale: 2, colour: 'green' });
    canvas.frame({ x: 24, y: 64, width: 392, height: 104 }, 'ink');
    ['WAN', 'LAN 1', 'LAN 2', 'LAN 3', 'LAN 4'].forEach((name, index) => {
      const box = { x: 44 + index * 74, y: 88, width: 52, height: 40 };
      canvas.fill(box, index === 0 ? 'amber' : 'green');
      canvas.fill({ x: box.x + 12, y: box.y + 12, width: 28, height: 20 }, 'ink');
      canvas.text(name, { x: box.x + 2, y: 140, scale: 1 });
    });
    canvas.text('WAN: INTERNET, OUTGOING 443 ONLY', { x: 24, y: 190 });
    canvas.text('LAN 1-3: MACHINES     LAN 4: SERVICE, 192.168.94.1', { x: 24, y: 206 });
  },
};

export const LAMPS_DIAGRAM: Diagram = {
  imagePath: 'data/seeds/launch/edge-gateway-lamps.png',
  ocrPath: 'data/seeds/launch/edge-gateway-lamps.ocr.txt',
  draw(canvas) {
    canvas.text('STATUS LAMP', { x: 24, y: 20, scale: 3, colour: 'green' });
    const states = [
      { colour: 'paper', text: 'DARK: NO POWER' },
      { colour: 'amber', text: 'AMBER: LINE, BUT NO ENROLMENT' },
      { colour: 'green', text: 'GREEN: ENROLLED AND CONNECTED' },
    ] as const;
    states.forEach(({ colour, text }, index) => {
      const y = 72 + index * 48;
      canvas.fill({ x: 24, y, width: 32, height: 32 }, colour);
      canvas.frame({ x: 24, y, width: 32, height: 32 }, 'ink');
      canvas.text(text, { x: 72, y: y + 9, scale: 2 });
    });
  },
};

export function makeDiagram({ imagePath, ocrPath, draw }: Diagram): GeneratedFile[] {
  const canvas = pixelCanvas({ width: 440, height: 232 });
  draw(canvas);
  return [{ path: imagePath, bytes: writePng(canvas) }, textFile(ocrPath, `${canvas.texts.join('\n')}\n`)];
}

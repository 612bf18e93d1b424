import { epoch } from './instants.ts';
import { withFixedTimes } from './mp4-times.ts';
import { COLOURS, PALETTE, type PixelCanvas, pixelCanvas } from './pixel-canvas.ts';

/** One scene: a window with lines of text, a bar that fills, a pointer that moves. */
export interface Scene {
  readonly seconds: number;
  /** At most 25 signs each, of the pixel font. */
  readonly lines: readonly string[];
}

export interface Screencast {
  readonly title: string;
  readonly scenes: readonly Scene[];
  /** ISO time that the file says it was made at. */
  readonly madeAt: string;
}

/** What can be read in the picture while a scene lasts. */
export interface KeyframeText {
  readonly start_sec: number;
  readonly end_sec: number;
  readonly text: string;
}

const SIZE = { width: 160, height: 120 };
const FRAMES_PER_SECOND = 10;

export function screencastSeconds({ scenes }: Screencast): number {
  return scenes.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** H.264 in MP4, without sound. */
export async function writeScreencast(
  cast: Screencast,
): Promise<{ mp4: Uint8Array; keyframes: KeyframeText[] }> {
  const video = await openEncoder();
  Object.assign(video, SIZE, {
    frameRate: FRAMES_PER_SECOND,
    quantizationParameter: 26,
    groupOfPictures: 10,
    speed: 2,
  });
  video.initialize();
  const keyframes: KeyframeText[] = [];
  let start = 0;
  for (const scene of cast.scenes) {
    const frames = Math.round(scene.seconds * FRAMES_PER_SECOND);
    for (let frame = 0; frame < frames; frame += 1) {
      const canvas = drawScene(cast.title, { scene, done: frame / frames });
      if (frame === 0)
        keyframes.push({ start_sec: start, end_sec: start + scene.seconds, text: canvas.texts.join('\n') });
      video.addFrameRgba(toRgba(canvas));
    }
    start += scene.seconds;
  }
  video.finalize();
  const mp4 = withFixedTimes(video.FS.readFile(video.outputFilename), epoch(cast.madeAt));
  video.delete();
  return { mp4, keyframes };
}

/**
 * The encoder's module takes over the process's last-resort error handlers as it loads, and its own print a megabyte of
 * WebAssembly for any error anywhere. They are taken off again.
 */
async function openEncoder() {
  const throwers = new Set(process.listeners('uncaughtException'));
  const rejecters = new Set(process.listeners('unhandledRejection'));
  const { default: encoder } = await import('h264-mp4-encoder');
  const video = await encoder.createH264MP4Encoder();
  for (const listener of process.listeners('uncaughtException')) {
    if (!throwers.has(listener)) process.off('uncaughtException', listener);
  }
  for (const listener of process.listeners('unhandledRejection')) {
    if (!rejecters.has(listener)) process.off('unhandledRejection', listener);
  }
  return video;
}

function drawScene(title: string, { scene, done }: { scene: Scene; done: number }): PixelCanvas {
  const canvas = pixelCanvas(SIZE);
  canvas.fill({ x: 0, y: 0, width: SIZE.width, height: 14 }, 'green');
  canvas.text(title, { x: 4, y: 4, colour: 'paper' });
  scene.lines.forEach((line, index) => {
    canvas.text(line, { x: 6, y: 26 + index * 14 });
  });
  canvas.frame({ x: 6, y: 100, width: 148, height: 10 }, 'ink');
  canvas.fill({ x: 8, y: 102, width: Math.round(144 * done), height: 6 }, 'amber');
  canvas.fill({ x: 20 + Math.round(110 * done), y: 84 - Math.round(30 * done), width: 5, height: 8 }, 'ink');
  return canvas;
}

function toRgba({ pixels }: PixelCanvas): Uint8Array {
  const rgba = new Uint8Array(pixels.length * 4);
  pixels.forEach((index, at) => {
    rgba.set(PALETTE[COLOURS[index] ?? 'paper'], at * 4);
    rgba[at * 4 + 3] = 0xff;
  });
  return rgba;
}

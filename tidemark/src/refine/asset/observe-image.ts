import type { Observation } from './observation.ts';
import type { PieceReader } from './piece-reader.ts';

/** An image states its size at its beginning; metadata in front of it (EXIF, colour profiles) is seldom larger. */
const IMAGE_HEAD_BYTES = 1024 * 1024;

/** Width and height of an image, as stored. */
export async function observeImage(file: PieceReader): Promise<Pick<Observation, 'resolution' | 'findings'>> {
  const head = await file.read(0, IMAGE_HEAD_BYTES);
  const { imageSize } = await import('image-size');
  try {
    const { width, height } = imageSize(head);
    if (width > 0 && height > 0) return { resolution: `${width}x${height}`, findings: [] };
    return unknownSize(`it states ${width}x${height}`);
  } catch (error) {
    return unknownSize((error as Error).message);
  }
}

function unknownSize(reason: string): Pick<Observation, 'resolution' | 'findings'> {
  const finding = {
    rule: 'image_size_unknown',
    message: `Its width and height were not found: ${reason}`,
  } as const;
  return { resolution: null, findings: [finding] };
}

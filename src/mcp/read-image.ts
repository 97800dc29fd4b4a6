import { imageSize } from 'image-size';
import type { Image } from '../agent/tools.ts';

const mediaTypes: Readonly<Record<string, Image['mediaType']>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};
/** Pixels. The API refuses the whole conversation for a larger image, or for one that is not what it is called. */
const longestSide = 8000;

/** @returns undefined for what is no image that models accept, whatever its server calls it. */
export function readImage(data: string): Image | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return undefined;
  try {
    const { type = '', width, height } = imageSize(Buffer.from(data, 'base64'));
    const mediaType = mediaTypes[type];
    const fits = Math.min(width, height) > 0 && Math.max(width, height) <= longestSide;
    return mediaType !== undefined && fits ? { mediaType, data } : undefined;
  } catch {
    return undefined;
  }
}

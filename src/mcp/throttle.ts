/** Allows `burst` at once and `perSecond` after that. Returns whether the next one may pass. */
export function createThrottle(burst: number, perSecond: number, now = () => performance.now()): () => boolean {
  let left = burst;
  let last = now();
  return () => {
    const time = now();
    left = Math.min(burst, left + ((time - last) / 1000) * perSecond);
    last = time;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

/** Evaluated in the page: frames counted while the picture is moved or zoomed by real events of the browser. */
export const COUNT_FRAMES = `(() => {
  const count = { frames: 0, on: true, begin: performance.now(), end: 0, slowest: 0 };
  let last = count.begin;
  const turn = (now) => {
    if (!count.on) return;
    count.frames += 1;
    count.slowest = Math.max(count.slowest, now - last);
    last = now;
    requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);
  globalThis.counted = count;
})()`;

export const STOP_FRAMES = `(() => {
  const count = globalThis.counted;
  count.on = false;
  count.end = performance.now();
  return { seconds: (count.end - count.begin) / 1000, frames: count.frames, slowest: count.slowest };
})()`;

export interface Frames {
  readonly seconds: number;
  readonly frames: number;
  /** Milliseconds. */
  readonly slowest: number;
}

// How a call of a peer is timed: the median of all calls in so many seconds, after a warm-up.

/** Median milliseconds of a call, which may be asynchronous. */
export async function timed(call, seconds) {
  const warm = performance.now() + 1500;
  for (let i = 0; i < 5 && (i < 2 || performance.now() < warm); i++) await call();
  const times = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end || times.length < 3) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

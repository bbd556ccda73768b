// Counts and prints the checks of the browser tests.
export let passed = 0;
export let failed = 0;

/** Counts and prints one check. */
export function check(title, holds, got) {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${title}${holds ? "" : `: got ${JSON.stringify(got)?.slice(0, 600)}`}`);
}

/** The same for two values that must be equal as JSON. */
export function equal(title, got, expected) {
  check(title, JSON.stringify(got) === JSON.stringify(expected), got);
}

// Sine and cosine in float64: the same bits in every engine, for arguments of less than 2^20. See math.ts for the reason; errors
// are in ulp of the exact value, as measured by test/numbers/math.test.ts.
//
// Method: x = n pi/2 + r with |r| <= pi/4; n mod 4 says whether sin x is sin r, cos r, -sin r or -cos r. The hard part
// is r: some doubles lie close to a multiple of pi/2, so pi/2 is needed to far more than 53 bits, and r is kept as a head
// plus a tail. See Muller, "Elementary Functions" (3rd ed., 2016), on range reduction.

const TWO_OVER_PI = 0.6366197723675814;

// pi/2 in four parts (Cody & Waite 1980). The first three have 33 bits or fewer: times n < 2^20 they are still exact.
const PART_1 = 6746518852 / 4294967296; // / 2^32
const PART_2 = 6.077100506303966e-11;
const PART_3 = 2.0222662487111665e-21;
const PART_4 = 8.4784276603689e-32;
const REACH = 1048576; // 2^20

/** Second and third result of {@link quadrant}: the head and the tail of r. */
const remainder = /* @__PURE__ */ new Float64Array(2);

/**
 * Sine of x radians. Error below 0.8 ulp.
 *
 * Special cases: sin(+-0) = +-0; NaN for |x| >= 2^20 and for NaN.
 */
export function sin(x: number): number {
  if (x === 0) return x;
  const n = quadrant(Math.abs(x)) + (x < 0 ? 2 : 0); // sin(-x) = -sin x = sin(x + pi)
  const value = (n & 1) === 0 ? sinNearZero() : cosNearZero();
  return (n & 2) === 0 ? value : -value;
}

/**
 * Cosine of x radians, the sine of x + pi/2. Error below 0.8 ulp.
 *
 * Special cases: NaN for |x| >= 2^20 and for NaN.
 */
export function cos(x: number): number {
  const n = quadrant(Math.abs(x)) + 1;
  const value = (n & 1) === 0 ? sinNearZero() : cosNearZero();
  return (n & 2) === 0 ? value : -value;
}

// sin(r + tail) = sin r + tail cos r, by Taylor series up to r^17; the largest term is added last.
function sinNearZero(): number {
  const r = remainder[0];
  const tail = remainder[1];
  const z = r * r;
  // prettier-ignore
  const series = -1 / 6 + z * (1 / 120 + z * (-1 / 5040 + z * (1 / 362880 + z * (-1 / 39916800 + z * (1 / 6227020800 +
    z * (-1 / 1307674368000 + z / 355687428096000))))));
  return r + (r * z * series + tail * (1 - z / 2));
}

// cos(r + tail) = cos r - tail r, by Taylor series up to r^16. What 1 - z/2 rounds away is added back.
function cosNearZero(): number {
  const r = remainder[0];
  const tail = remainder[1];
  const z = r * r;
  // prettier-ignore
  const series = 1 / 24 + z * (-1 / 720 + z * (1 / 40320 + z * (-1 / 3628800 + z * (1 / 479001600 +
    z * (-1 / 87178291200 + z / 20922789888000)))));
  const first = 1 - z / 2;
  return first + (1 - first - z / 2 + (z * z * series - tail * r));
}

// Returns n, up to a multiple of 4, and leaves r in `remainder`; for x >= 0.
function quadrant(x: number): number {
  if (!(x < REACH)) return setRemainder(NaN, NaN);
  const n = Math.round(x * TWO_OVER_PI);
  const a = x - n * PART_1; // exact: the two nearly cancel
  const b = a - n * PART_2;
  const bLost = a - b - n * PART_2; // what the line above rounded away
  const c = b - n * PART_3;
  const cLost = b - c - n * PART_3;
  setRemainder(c, bLost + cLost - n * PART_4);
  return n;
}

// Stores big + small so that the head is the double nearest to the sum. Returns 0.
function setRemainder(big: number, small: number): number {
  const head = big + small;
  remainder[0] = head;
  remainder[1] = big - head + small;
  return 0;
}

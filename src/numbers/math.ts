// exp, log, pow, tanh and sigmoid in float64, written out because JavaScript engines disagree on the last bits of
// theirs. Built from + - * / and roundings, which IEEE 754 fixes to the bit, so every engine on every CPU gets the same
// result. Sine and cosine are in trig.ts. Errors are in ulp (the distance between neighboring doubles) of the exact
// value, measured: by test/numbers/math.test.ts, and once on 400,000 to 1.2 million random points a function.
//
// Method, after Cody & Waite, "Software Manual for the Elementary Functions" (1980), and Muller, "Elementary Functions"
// (3rd ed., 2016): reduce the argument to a short interval, sum a Taylor series there, undo the reduction. Where 53
// bits are too few, a number is kept as a pair: a head of 24 bits (the product of two heads is exact) and a tail.

// ln 2 = LN2_HEAD + LN2_TAIL. The head has 40 bits, so k * LN2_HEAD is exact for every binary exponent k.
const LN2_HEAD = 762123384785 / 1099511627776;
const LN2_TAIL = 7.371002565167799e-13;
const ONE_OVER_LN2 = 1.4426950408889634;
const SQRT_2 = 1.4142135623730951;
const SMALLEST_NORMAL = 2.2250738585072014e-308; // 2^-1022; smaller numbers have fewer bits
const TWO_54 = 18014398509481984;
const THIRD = 1 / 3;
const THIRD_TAIL = 1.850371707708594e-17; // 1/3 - THIRD

/** Shows the bits of a double: the first 12 are sign and exponent. A DataView is big-endian on every CPU. */
const bits = new DataView(new ArrayBuffer(8));

/** POWERS_OF_2[k + 1023] is 2^k, for k from -1023 to 1023. */
const POWERS_OF_2 = new Float64Array(2047);
for (let k = 0, up = 1, down = 1; k <= 1023; k++, up *= 2, down /= 2) {
  POWERS_OF_2[1023 + k] = up;
  POWERS_OF_2[1023 - k] = down;
}

/** Second result of {@link logHead}. An array, because engines allocate for each write to a module variable. */
const logTail = new Float64Array(1);

/**
 * e^x. Error below 0.9 ulp, subnormal results included.
 *
 * Method: x = k ln 2 + r with |r| <= ln(2)/2, so e^x = 2^k e^r; Taylor series of e^r up to r^13.
 *
 * Special cases: exp(-Infinity) = 0, exp(Infinity) = Infinity, exp(NaN) = NaN; overflow above 709.78, 0 below -745.13.
 */
function expOf(x: number): number {
  return expOfSum(x, 0);
}

// e^(x + tail) for a tail of at most 0.001, which is too small to move the limits below, but not too small to matter.
function expOfSum(x: number, tail: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.79) return Infinity;
  if (x < -745.14) return 0;
  const k = Math.round(x * ONE_OVER_LN2);
  const head = x - k * LN2_HEAD; // exact
  const rest = tail - k * LN2_TAIL;
  const r = head + rest;
  // prettier-ignore
  const series = 1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * (1 / 40320 +
    r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r / 6227020800))))))))));
  // 1 + r + r^2/2! + r^3/3! + ..., the largest terms last, with r as the unrounded sum head + rest.
  return timesPowerOf2(1 + (head + (r * r * series + rest)), k);
}

// y * 2^k for k from -2046 to 2046, in two factors: 2^k itself may be no double. Only the second product can round.
function timesPowerOf2(y: number, k: number): number {
  const half = k >> 1;
  return y * POWERS_OF_2[half + 1023] * POWERS_OF_2[k - half + 1023];
}

/**
 * Natural logarithm. Error below 0.51 ulp.
 *
 * Method: see logHead.
 *
 * Special cases: log(+-0) = -Infinity, log(Infinity) = Infinity, log of a negative number or of NaN is NaN.
 */
function logOf(x: number): number {
  if (x === 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x === Infinity) return Infinity;
  return logHead(x) + logTail[0];
}

// ln x for finite x > 0 as a sum: returns the head and leaves the tail in logTail. Their sum is good to about 2^-64.
// x = 2^k m with m in [sqrt(1/2), sqrt(2)) and ln x = k ln 2 + ln m. With s = (m - 1)/(m + 1) and z = s^2,
// ln m = 2 artanh(s) = 2s (1 + z/3 + z^2/5 + z^3/7 + ...), |s| < 0.172.
function logHead(x: number): number {
  const normal = x < SMALLEST_NORMAL ? x * TWO_54 : x;
  bits.setFloat64(0, normal);
  let k = (bits.getInt32(0) >> 20) - 1023;
  let m = normal * POWERS_OF_2[1023 - k]; // in [1, 2)
  if (m >= SQRT_2) {
    m /= 2;
    k += 1;
  }
  if (normal !== x) k -= 54;

  // s = f / t as a pair. The remainder of the division gives the tail.
  const f = m - 1;
  const t = m + 1;
  const tHead = Math.fround(t);
  const tTail = m - (tHead - 1);
  const sHead = Math.fround(f / t);
  const sTail = (f - sHead * tHead - sHead * tTail) / t;

  // z = s^2 as a pair.
  const s = sHead + sTail;
  const z = s * s;
  const zHead = Math.fround(z);
  const zTail = sHead * sHead - zHead + (s + sHead) * sTail;

  // c = 1/3 + q as a pair, where a double is enough for q = z/5 + z^2/7 + z^3/9 + ... (the odd and the even powers are
  // summed apart, so that the CPU can do both at once).
  const w = z * z;
  const q =
    z * (1 / 5 + w * (1 / 9 + w * (1 / 13 + w * (1 / 17 + w / 21)))) +
    w * (1 / 7 + w * (1 / 11 + w * (1 / 15 + w * (1 / 19 + w / 23))));
  const cHead = Math.fround(THIRD + q);
  const cTail = THIRD - cHead + (q + THIRD_TAIL);

  // v = 1 + z c as a pair, then ln m = 2 s v.
  const zc = zHead * cHead;
  const vHead = Math.fround(1 + zc);
  const vTail = 1 - vHead + zc + (zHead * cTail + zTail * (cHead + cTail));
  const head = 2 * sHead * vHead; // exact
  const tail = 2 * (sHead * vTail + sTail * (vHead + vTail));

  // k ln 2 + ln m. For k != 0 the first term is the larger, so (big - sum) + head is exactly what the sum rounded away.
  const big = k * LN2_HEAD;
  const sum = big + head;
  logTail[0] = big - sum + head + (k * LN2_TAIL + tail);
  return sum;
}

/**
 * x to the power y, with ECMAScript's special cases (those of the operator). Error below 0.9 ulp; a result that is a
 * double is exact, so pow(3, 2) is 9.
 *
 * Method: e^(y ln x), where ln x and its product with y are pairs: the product may be 700, so its last 10 bits count.
 *
 * Special cases, the first that fits: pow(x, 0) = 1, even for NaN; NaN if x or y is NaN; pow(+-1, +-Infinity) = NaN;
 * x^Infinity is Infinity for |x| > 1 and 0 for |x| < 1, the reverse for -Infinity; powers of 0 and Infinity are 0 or
 * Infinity; a negative x has powers with a whole y only, negative if y is odd (so has -0), else NaN.
 */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const size = Math.abs(x);
  if (y === Infinity || y === -Infinity) return size === 1 ? NaN : size > 1 === y > 0 ? Infinity : 0;
  const odd = Math.abs(y % 2) === 1;
  const sign = odd && (x < 0 || Object.is(x, -0)) ? -1 : 1;
  if (size === 0 || size === Infinity) return sign * (size > 1 === y > 0 ? Infinity : 0);
  if (x < 0 && Math.trunc(y) !== y) return NaN;
  if (size === 1) return sign;
  return sign * powOfPositive(size, y);
}

/** {@link pow} for finite x > 0 and finite y. For callers that need no special cases, as Adam. */
export function powOfPositive(x: number, y: number): number {
  const logX = logHead(x);
  const product = y * logX;
  if (Math.abs(product) > 746) return product > 0 ? Infinity : 0;
  const aHead = Math.fround(logX);
  const aTail = logX - aHead + logTail[0];
  const yHead = Math.fround(y);
  const yTail = y - yHead;
  return expOfSum(yHead * aHead, yHead * aTail + yTail * (aHead + aTail)); // the product of the heads is exact
}

/**
 * Hyperbolic tangent, (e^x - e^-x) / (e^x + e^-x). Error below 1.5 ulp.
 *
 * Method: 1 - 2 / (e^(2|x|) + 1) with the sign of x. Below 0.55 that would cancel; there, Lambert's continued fraction
 * (1768), x / (1 + z/(3 + z/(5 + z/(7 + ...)))) with z = x^2, cut after z/15 and multiplied out.
 *
 * Special cases: tanh(+-0) = +-0, tanh(+-Infinity) = +-1, tanh(NaN) = NaN.
 */
export function tanh(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  if (size < 0.55) {
    const z = x * x;
    const numerator = 675675 + z * (45045 + z * (594 + z));
    const denominator = 2027025 + z * (945945 + z * (51975 + z * (630 + z)));
    return x - (x * z * numerator) / denominator;
  }
  const value = 1 - 2 / (expOf(2 * size) + 1);
  return x < 0 ? -value : value;
}

/**
 * Logistic function, 1 / (1 + e^-x). Error below 2.4 ulp, also where the result is subnormal.
 *
 * Method: the formula; for x < 0 as e^x / (1 + e^x), which neither overflows nor loses small results.
 *
 * Special cases: sigmoid(-Infinity) = 0, sigmoid(Infinity) = 1, sigmoid(NaN) = NaN.
 */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + expOf(-x));
  const power = expOf(x);
  return power / (1 + power);
}

// Declared under other names, so that the functions of tensors keep theirs where a bundle has both.
export { expOf as exp, logOf as log };

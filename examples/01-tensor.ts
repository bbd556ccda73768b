// A tour of Tensor: numbers in a typed array, and a shape that says how to read them.
// Run with: npx tsx examples/01-tensor.ts
import {
  add,
  arange,
  clamp,
  concat,
  divide,
  exp,
  manualSeed,
  matmul,
  max,
  mean,
  multiply,
  nhwcToNchw,
  ones,
  pad,
  randn,
  stack,
  subtract,
  sum,
  Tensor,
  variance,
  zeros,
} from "handgrad";

function title(text: string): void {
  console.log(`\n--- ${text}`);
}

title("Create");
const x = new Tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
console.log(x); // the shape, then the numbers
console.log(zeros([2, 2]).shape, ones([3]).toArray(), arange(0, 1, 0.25).toArray());
// A Float32Array is adopted without a copy: writing to one is seen in the other.
const numbers = Float32Array.of(1, 2, 3, 4);
const adopted = new Tensor(numbers, [2, 2]);
numbers[0] = 100;
console.log(adopted.toArray());
// Random numbers are the same in every run with the same seed, on every machine.
manualSeed(1);
console.log(randn([2, 3]));

title("Read");
console.log(x.shape, x.rank, x.size, x.dtype);
console.log(x.at(1, 0), x.at(-1, -1)); // negative indices count from the end
console.log(x.toArray()); // nested arrays
console.log(x.data); // the Float32Array behind it, row after row: the last axis is contiguous

title("Other shapes of the same numbers");
console.log(x.reshape([3, 2])); // reads on in the same order; -1 is worked out
console.log(x.permute([1, 0])); // columns become rows: another order, so a copy
console.log(x.slice(0).toArray(), x.slice(null, [1, 3]).toArray()); // first row; columns 1 and 2
console.log(x.take([1, 0, 1]).toArray()); // rows by number

title("An image: [H, W, channel] in files, [N, channel, H, W] in a network");
const pixels = new Tensor([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], [1, 2, 2, 3]); // red, green / blue, white
const planes = divide(nhwcToNchw(pixels), 255); // 0..255 becomes 0..1
console.log(planes.shape, "red plane:", planes.slice(0, 0).toArray());
console.log(
  pad(planes.slice(0, [0, 1]), [
    [1, 1],
    [1, 1],
  ]),
); // a border of zeros around height and width

title("Arithmetic, with broadcasting");
// Shapes are aligned at the last axis; an axis of size 1, or one that is missing, is repeated.
console.log(add(x, 10).toArray()); // a number
console.log(multiply(x, new Tensor([1, 10, 100])).toArray()); // [2, 3] * [3]: each row
console.log(subtract(x, new Tensor([[1], [4]])).toArray()); // [2, 3] - [2, 1]: each column
console.log(clamp(x, 2, 5).toArray());

title("Sums along axes");
console.log(sum(x).item(), mean(x).item(), max(x).item(), variance(x).item());
console.log(sum(x, { dim: 0 }).toArray(), sum(x, { dim: 1 }).toArray()); // down the columns; along the rows

title("Softmax by hand: scores of two samples become probabilities");
const scores = new Tensor([
  [1, 2, 4],
  [3, 1, 1],
]);
// Subtracting the largest score of a row changes nothing but keeps exp from overflowing.
const powers = exp(subtract(scores, max(scores, { dim: 1, keepdim: true })));
const probabilities = divide(powers, sum(powers, { dim: 1, keepdim: true }));
console.log(probabilities);
console.log(sum(probabilities, { dim: 1 })); // each row sums to 1
console.log(scores.argmax(1)); // the class with the largest score, for each sample

title("A linear layer is a matrix product");
const w = new Tensor([
  [1, 0, -1],
  [2, 1, 0],
]); // [out, in]
const b = new Tensor([0.5, -0.5]);
console.log(add(matmul(x, w.permute([1, 0])), b)); // [2, 3] times [3, 2], plus b for each row

title("Together");
console.log(concat([x, x], 0).shape, stack([x, x]).shape); // along an axis; along a new one

title("Mistakes are errors that say what to do");
try {
  add(x, new Tensor([1, 2]));
} catch (error) {
  console.log(String(error));
}

// A cold process: milliseconds to import handgrad, to make lesson 4's network, to its first prediction and to its second.
// ADDRESS ROWS: what is imported, and how many digits are predicted at once.
const [address = "handgrad", rows = "1"] = process.argv.slice(2);
const start = performance.now();
const { Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, Tensor } = await import(address);
const imported = performance.now();
const pool = () => new MaxPool2d(2, { stride: 2, padding: 1 });
const model = new Sequential(
  ...[new Conv2d(1, 16, 3), new ReLU(), pool(), new Conv2d(16, 32, 3), new ReLU(), pool()],
  ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
);
const x = new Tensor(new Float32Array(Number(rows) * 784).fill(0.5), [Number(rows), 1, 28, 28]);
const made = performance.now();
const [y] = model.predict(x).data;
const first = performance.now();
if (!Number.isFinite(y)) throw new Error(`expected a number, got ${y}`);
model.predict(x);
const second = performance.now();
console.log(
  JSON.stringify({
    ms: first - start,
    import: imported - start,
    make: made - imported,
    first: first - made,
    second: second - first,
    process: start, // of the runtime itself, before the first line
  }),
);

// A layer of your own: forward, backward, a learned parameter. gradCheck says whether its gradients are right.
// Run with: npx tsx examples/05-your-own-layer.ts
import {
  accuracy,
  Adam,
  constantInit,
  CrossEntropy,
  Layer,
  Linear,
  manualSeed,
  Parameter,
  randn,
  Sequential,
  type Tensor,
} from "handgrad";
import { gradCheck } from "handgrad/reference";

/**
 * PReLU, a leaky ReLU that learns its slope a for negative numbers: y = x where x > 0, else a * x.
 *
 * He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015.
 */
class PReLU extends Layer<Tensor> {
  // A public field that is a Parameter is found by optimizers, summaries and state dicts, under the field's name.
  readonly slope = new Parameter([1], constantInit(0.25));

  forward(x: Tensor): Tensor {
    const [a] = this.slope.value.data;
    const y = x.like(); // zeros in x's shape and number format, so that gradCheck can run this in float64
    for (let i = 0; i < x.size; i++) y.data[i] = x.data[i] > 0 ? x.data[i] : a * x.data[i];
    this.save(x); // for backward; predict saves nothing
    return y;
  }

  // dL/dx = dL/dy * dy/dx, and dy/dx is 1 or a. The slope has a share in every negative x: dL/da = sum of dL/dy * x.
  backward(dy: Tensor): Tensor {
    const x = this.saved(); // what the latest forward saved; a second backward would be an error
    const [a] = this.slope.value.data;
    const dx = x.like();
    const da = x.like([1]);
    for (let i = 0; i < x.size; i++) {
      const positive = x.data[i] > 0;
      dx.data[i] = dy.data[i] * (positive ? 1 : a);
      if (!positive) da.data[0] += dy.data[i] * x.data[i];
    }
    this.slope.accumulate(da); // parameters add up their gradients until zeroGrad
    return dx;
  }
}

/** The same with a mistake that is easy to make: the slope's gradient also counts the positive x. */
class WrongPReLU extends PReLU {
  override backward(dy: Tensor): Tensor {
    const x = this.saved();
    const [a] = this.slope.value.data;
    const dx = x.like();
    const da = x.like([1]);
    for (let i = 0; i < x.size; i++) {
      dx.data[i] = dy.data[i] * (x.data[i] > 0 ? 1 : a);
      da.data[0] += dy.data[i] * x.data[i];
    }
    this.slope.accumulate(da);
    return dx;
  }
}

manualSeed(1);

console.log("--- Is the gradient right? gradCheck moves every number a little and compares\n");
console.log(gradCheck(new PReLU(), randn([2, 3, 4, 4])));
console.log("\nThe layer with the mistake still runs and may even learn something. gradCheck sees it:\n");
const wrong = gradCheck(new WrongPReLU(), randn([2, 3, 4, 4]));
console.log(wrong);

console.log("\n--- In a model it is a layer like any other\n");
const model = new Sequential(new Linear(2, 16), new PReLU(), new Linear(16, 16), new PReLU(), new Linear(16, 2));
console.log(model.summary([2]));
console.log(`\nParameters: ${model.namedParameters().map(([name]) => name).join(", ")}`); // prettier-ignore
console.log(gradCheck(model, randn([3, 2])));

// Something to learn: is a point of the plane inside a circle or outside?
const points = randn([400, 2]);
const inside = Int32Array.from({ length: 400 }, (_, n) => (points.at(n, 0) ** 2 + points.at(n, 1) ** 2 < 1.4 ? 1 : 0));

const loss = new CrossEntropy();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
console.log("\nstep   loss     accuracy   slopes");
for (let step = 0; step <= 200; step++) {
  const scores = model.forward(points);
  const value = loss.forward(scores, inside);
  if (step % 50 === 0) {
    const slopes = model.namedParameters().filter(([name]) => name.endsWith("slope"));
    const numbers = slopes.map(([, parameter]) => parameter.value.item().toFixed(3)).join(", ");
    console.log(
      `${String(step).padEnd(7)}${value.toFixed(4)}   ${accuracy(scores, inside).toFixed(3)}      ${numbers}`,
    );
  }
  optimizer.zeroGrad();
  model.backward(loss.backward(), { inputGrad: false });
  optimizer.step();
}
console.log("Both slopes started at 0.250 and found values of their own.");
if (wrong.ok) process.exitCode = 1; // a checker that accepts everything would be worth nothing

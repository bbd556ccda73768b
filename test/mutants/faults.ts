// Faults planted one at a time in the house: where a test suite that notices nothing would let a wrong gradient through.

/** One fault: this text of this file, exactly once there, becomes another. */
export interface Fault {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly wrong: string;
  /** Test files that may notice it, beside those of test/nn. */
  readonly tests?: readonly string[];
}

export const FAULTS: readonly Fault[] = [
  {
    name: "a backward takes up another pass's forward",
    file: "src/nn/layerMemory.ts",
    text: "if (around !== null && saved.pass !== around && saved.pass.parent !== around) {",
    wrong: "if (around !== null && saved.pass !== around && false) {",
  },
  {
    name: "a second forward's input is kept under the first's pass",
    file: "src/nn/layerMemory.ts",
    text: "saved.pass.parent !== around) {",
    wrong: "saved.pass.parent === around) {",
  },
  { name: "holds are not counted", file: "src/nn/pass.ts", text: "(this.#held.get(x.data) ?? 0) + 1", wrong: "1" },
  { name: "nothing is held", file: "src/nn/pass.ts", text: "&& this.#held?.has(x.data) !== true", wrong: "" },
  {
    name: "a forward may overwrite its input",
    file: "src/nn/pass.ts",
    text: 'return this.kind === "predict" && ',
    wrong: "return ",
  },
  {
    name: "a frozen part is run backward all the same",
    file: "src/nn/walk.ts",
    text: "return layer[spec] === null && parameters === 0 && children.length === 0;",
    wrong: "return true;",
  },
  {
    name: "a user's layer without parameters stops the backward",
    file: "src/nn/walk.ts",
    text: "return layer[spec] === null && parameters === 0 && children.length === 0;",
    wrong: "return false;",
  },
  {
    name: "a prediction by the batch's own statistics is cut",
    file: "src/nn/builtin.ts",
    text: "return this.#spec.readsBatch?.(this.#settings) === true;",
    wrong: "return false;",
  },
  {
    name: "a frozen parameter is stepped",
    file: "src/optim/ruleOptimizer.ts",
    text: "if (!parameter.hasGrad || !parameter.requiresGrad) continue;",
    wrong: "if (!parameter.hasGrad) continue;",
    tests: ["test/optim"],
  },
  {
    name: "a frozen parameter is clipped",
    file: "src/optim/clip.ts",
    text: "return parameter.hasGrad && parameter.requiresGrad ? [parameter.grad] : [];",
    wrong: "return parameter.hasGrad ? [parameter.grad] : [];",
    tests: ["test/optim"],
  },
  {
    name: "a prediction of any size is run at once",
    file: "src/nn/parts.ts",
    text: "const PREDICT_BYTES = 32 * 1024 * 1024;",
    wrong: "const PREDICT_BYTES = 2 ** 52;",
  },
  {
    name: "the running variance is biased",
    file: "src/nn/norm/batchnorm.ts",
    text: "blend(runningVar, variance, M / (M - 1));",
    wrong: "blend(runningVar, variance, 1);",
  },
  {
    name: "batch norm of one number passes",
    file: "src/nn/norm/batchnorm.ts",
    text: "if (N * P > 1) return;",
    wrong: "if (N * P > 0) return;",
    tests: ["test/misuse"],
  },
  {
    name: "a norm's bias has no gradient",
    file: "src/nn/norm/normalized.ts",
    text: "if (db !== undefined) bias?.accumulate(db.reshape(bias.shape));",
    wrong: "",
  },
  {
    name: "the weight gradient of a frozen norm is wanted",
    file: "src/nn/norm/normalized.ts",
    text: "w: weight?.requiresGrad === true",
    wrong: "w: weight !== null",
  },
  {
    name: "a prediction that spoils a user's layer is not noticed",
    file: "src/nn/layer.ts",
    text: "if (changed !== undefined && layer.#visit !== undefined) [layer.#visit.changed] = changed;",
    wrong: "void changed;",
  },
  {
    name: "a layer of another copy of the package is let in",
    file: "src/nn/findable.ts",
    text: 'if (hint === "" || known(value)) continue;',
    wrong: "continue;",
    tests: ["test/misuse", "test/conventions.test.ts", "test/nothingLost.test.ts"],
  },
  {
    name: "a hidden layer is run",
    file: "src/nn/builtin.ts",
    text: "if (guest !== null) throw notFound(layer[typeName], guest[typeName]);",
    wrong: "void guest;",
    tests: ["test/misuse"],
  },
  {
    name: "what was set aside does not come back",
    file: "src/nn/builtin.ts",
    text: "      restorePasses();\n",
    wrong: "",
  },
];

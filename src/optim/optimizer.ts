// What optimizers share: the list of parameters, zeroGrad, and options that stay checked while they are live.
import { show } from "../check.js";
import { ArgumentError } from "../errors.js";
import { Parameter } from "../nn/parameter.js";

/** Base of the optimizers. */
export abstract class Optimizer {
  /** What it updates. */
  readonly parameters: readonly Parameter[];

  constructor(who: string, parameters: Iterable<Parameter>) {
    if (parameters === null || typeof parameters !== "object" || !(Symbol.iterator in parameters)) {
      throw new ArgumentError(
        `${who}: expected parameters such as model.parameters(), got ${show(parameters)} (${
          typeof parameters === "function" ? "call it, with parentheses" : "a list of Parameters"
        }).`,
      );
    }
    this.parameters = [...parameters];
    if (this.parameters.length === 0) throw new ArgumentError(`${who}: expected at least one parameter, got none.`);
    this.parameters.forEach((parameter, i) => {
      if (!Parameter.isParameter(parameter)) {
        throw new ArgumentError(
          `${who}: expected parameter ${i} to be a Parameter, got ${show(parameter)} (give it model.parameters()).`,
        );
      }
      if (this.parameters.indexOf(parameter) !== i) {
        throw new ArgumentError(`${who}: expected each parameter once, got parameter ${i} a second time.`);
      }
    });
  }

  /** Updates every parameter that has a gradient. */
  abstract step(): void;

  /** Sets all gradients to zeros; call it before each backward, unless gradients shall add up. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.zeroGrad();
  }
}

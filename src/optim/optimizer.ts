// What optimizers share: the list of parameters, zeroGrad, and their state as numbers and tensors.
import { show } from "../base/check.js";
import { OPTIMIZER } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import { revived } from "../base/tensor.js";
import { Parameter } from "../nn/parameter.js";
import { checkOptimizerState, copyState, type OptimizerState, type ParameterState } from "./state.js";

/**
 * Base of the optimizers, also of your own: extend it with `step`. One that shall go into checkpoints also says its state, by
 * `readState` and `prepareState`.
 */
export abstract class Optimizer {
  /** What it updates. */
  readonly parameters: readonly Parameter[];
  readonly #who: string;

  constructor(who: string, parameters: Iterable<Parameter>) {
    if (parameters === null || typeof parameters !== "object" || !(Symbol.iterator in parameters)) {
      throw new ArgumentError(
        `${who}: expected parameters such as model.parameters(), got ${show(parameters)} (${
          typeof parameters === "function" ? "call it, with parentheses" : "a list of Parameters"
        }).`,
      );
    }
    this.#who = who;
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

  /** @internal */
  get [OPTIMIZER](): true {
    return true;
  }

  /** Updates every parameter that has a gradient. */
  abstract step(): void;

  /** Sets all gradients to zeros; call it before each backward, unless gradients shall add up. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.zeroGrad();
  }

  /**
   * Options and state, by the parameters' indices. The tensors are copies, so that they stay what they are beside the numbers
   * (the tensors of a model's `stateDict` are live).
   *
   * @see https://pytorch.org/docs/stable/generated/torch.optim.Optimizer.state_dict.html
   */
  stateDict(): OptimizerState {
    return copyState(this.readState());
  }

  /** What JSON.stringify writes: {@link Optimizer.stateDict}. `loadStateDict(JSON.parse(text))` reads it. */
  toJSON(): OptimizerState {
    return this.readState();
  }

  /**
   * Takes options and state over, so that the next step is the one that followed where `stateDict` was read. Copies the
   * tensors. Everything is checked first: after an error nothing has changed.
   *
   * @throws ArgumentError for a state of another optimizer or other parameters
   * @throws ShapeError for a tensor that has not its parameter's shape
   */
  loadStateDict(state: OptimizerState): void {
    this.prepareLoad(`${this.#who}.loadStateDict`, state)();
  }

  /** @internal Checks a state, makes room for it, and returns the rest of the work, which cannot fail. */
  prepareLoad(who: string, state: OptimizerState): () => void {
    const given = checkOptimizerState(who, this.#who, this.parameters, state);
    return this.prepareState(who, { ...given, state: given.state.map(revivedEntry) });
  }

  /** @internal What {@link stateDict} copies, for a reader that copies anyway. */
  liveState(): OptimizerState {
    return this.readState();
  }

  /** The state with live tensors. */
  protected readState(): OptimizerState {
    throw this.#stateless();
  }

  /**
   * Checks options and state (that there is one entry for each parameter is known), makes room for it, and returns a function
   * that takes it over and cannot fail. `who` leads the messages.
   */
  protected prepareState(_who: string, _state: OptimizerState): () => void {
    throw this.#stateless();
  }

  #stateless(): ArgumentError {
    return new ArgumentError(
      `${this.#who}: expected an optimizer whose state can be written down, got one without it (give the class ` +
        `readState and prepareState).`,
    );
  }
}

// A state that came through JSON has no tensors.
function revivedEntry(entry: ParameterState | null): ParameterState | null {
  if (entry === null || typeof entry !== "object") return entry;
  return Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, revived(value) as number]));
}

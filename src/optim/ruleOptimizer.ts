// An optimizer by its rule: a table of options, what is kept for each parameter, and the update of one parameter. All else
// is here, once: live options, groups of parameters, the loop of a step, the state in and out.
import type { Kept, Kernels } from "../backend/kernels.js";
import { kept } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { show } from "../base/check.js";
import { StateError } from "../base/errors.js";
import { readOptions, type OptionTable, type Settings } from "../base/options.js";
import type { Shape } from "../base/shape.js";
import type { Json } from "../nn/config.js";
import type { Parameter } from "../nn/parameter.js";
import { watcher } from "../nn/watcher.js";
import { readSettings, splitGroups, type ParameterGroup, type ParametersOrGroups } from "./groups.js";
import { ParameterMemory } from "./memory.js";
import { Optimizer } from "./optimizer.js";
import { checkGroups, checkOptionNames, checkParameterStates, type OptimizerState, type StateFields } from "./state.js";

/** What all optimizers of a class have in common. */
export interface Rule<O> {
  /** Name of the class. */
  readonly type: string;
  /** Its options; each is also a live property of the optimizer and of its groups. */
  readonly options: OptionTable<O>;
  /** What is kept for each parameter, under PyTorch's names. */
  readonly state: StateFields;
  /** Throws unless the options fit together. */
  readonly together?: (who: string, settings: Settings<O>) => void;
}

/** What the update of one parameter works on: its numbers, their gradient, what is kept for it, and the kernels. */
export interface Update {
  readonly kernels: Kernels;
  readonly w: Kept;
  readonly dw: Kept;
  readonly shape: Shape;
  readonly memory: ParameterMemory;
}

interface Group<O> {
  readonly who: string;
  readonly params: readonly Parameter[];
  /** Replaced as a whole, never written into: a state that was read stays what it is. */
  settings: Settings<O>;
}

abstract class Base<O extends object> extends Optimizer {
  /**
   * Its groups of parameters, each with its live options; one group if it was given parameters. An option of the optimizer
   * itself means all groups: set, it is set in each; read where they differ, it is a StateError.
   */
  readonly groups: readonly ParameterGroup<O>[];
  readonly #rule: Rule<O>;
  readonly #groups: readonly Group<O>[];
  readonly #memories = new Map<Parameter, ParameterMemory>();

  constructor(rule: Rule<O>, parameters: ParametersOrGroups<O>, options: object = {}) {
    const given = splitGroups(rule.type, parameters);
    super(rule.type, given.length === 1 ? given[0].params : given.flatMap(({ params }) => params));
    const settings = readSettings(rule.type, rule.options, given, options);
    this.#rule = rule;
    this.#groups = given.map(({ who, params }, i) => {
      rule.together?.(who, settings[i]);
      return { who, params, settings: settings[i] };
    });
    this.groups = this.#groups.map((group) => {
      return defineLive({ params: group.params }, rule, [group]) as ParameterGroup<O>;
    });
    defineLive(this, rule, this.#groups);
  }

  /** One step of one parameter: changes `w` and what is kept for it. */
  protected abstract update(on: Update, settings: Settings<O>): void;

  step(): void {
    const { type } = this.#rule;
    const watch = watcher();
    let place = -1;
    for (const { params, settings } of this.#groups) {
      for (const parameter of params) {
        place++;
        if (!parameter.hasGrad || !parameter.requiresGrad) continue;
        watch?.step(type, parameter, place, "before");
        const { value, grad } = parameter;
        const kernels = kernelsFor(`${type}.step`, value, grad);
        let memory = this.#memories.get(parameter);
        if (memory === undefined) this.#memories.set(parameter, (memory = new ParameterMemory(value)));
        this.update({ kernels, w: kept(value), dw: kept(grad), shape: value.shape, memory }, settings);
        watch?.step(type, parameter, place, "after");
      }
    }
  }

  protected override readState(): OptimizerState {
    const state = this.parameters.map((parameter) => this.#memories.get(parameter)?.read() ?? null);
    const all = this.#groups.map(({ settings }) => ({ ...settings }) as { readonly [name: string]: Json });
    const common = { type: this.#rule.type, options: all[0], state };
    if (all.length === 1) return common;
    return { ...common, groups: this.#groups.map(({ params }, i) => ({ size: params.length, options: all[i] })) };
  }

  protected override prepareState(who: string, state: OptimizerState): () => void {
    const { type, options: table, state: fields, together } = this.#rule;
    const sizes = this.#groups.map(({ params }) => params.length);
    const settings = checkGroups(who, sizes, state).map((options) => {
      checkOptionNames(who, options, Object.keys(table));
      const checked = readOptions(type, table, options);
      together?.(type, checked);
      return checked;
    });
    checkParameterStates(who, this.parameters, state.state, fields);
    const fills = state.state.map((entry, i) => {
      const parameter = this.parameters[i];
      return entry && (this.#memories.get(parameter) ?? new ParameterMemory(parameter.value)).prepare(entry);
    });
    return () => {
      this.#groups.forEach((group, i) => (group.settings = settings[i]));
      this.#memories.clear();
      fills.forEach((fill, i) => fill && this.#memories.set(this.parameters[i], fill()));
    };
  }
}

/**
 * Base of the optimizers of this package: `class X extends RuleOptimizer<XOptions>`. Its type says that the options are live
 * properties, which the constructor defines.
 */
export const RuleOptimizer = Base as abstract new <O extends object>(
  rule: Rule<O>,
  parameters: ParametersOrGroups<O>,
  options?: object,
) => Base<O> & Settings<O>;

// Each option as a property of `target` that reads and sets it in all of these groups. Nothing is set unless all can be.
function defineLive<O extends object>(target: object, rule: Rule<O>, groups: readonly Group<O>[]): object {
  const { type, options: table, together } = rule;
  const who = groups.length === 1 ? groups[0].who : type;
  for (const name of Object.keys(table) as (keyof O & string)[]) {
    const get = (): unknown => {
      const [first, ...others] = groups.map(({ settings }) => show(settings[name]));
      const other = others.find((value) => value !== first);
      if (other === undefined) return groups[0].settings[name];
      throw new StateError(
        `${who}: expected one ${name} of all groups to read, got ${first} and ${other} (read it of a group: ` +
          `optimizer.groups[0].${name}).`,
      );
    };
    const set = (value: unknown): void => {
      const checked = table[name].check(who, name, value);
      const next = groups.map(({ settings }) => ({ ...settings, [name]: checked }));
      next.forEach((settings, i) => together?.(groups[i].who, settings));
      groups.forEach((group, i) => (group.settings = next[i]));
    };
    Object.defineProperty(target, name, { get, set });
  }
  return target;
}

// A layer as plain JSON: its class and what its constructor was given. Files of models are made of it.

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A layer as plain JSON: `new type(...args, options)` builds one like it, with weights of its own. Options are complete,
 * also where they have their defaults. In the args of a container an entry [name, config] stands for a layer.
 *
 * @example
 * new Linear(32, 10).config(); // { type: "Linear", args: [32, 10], options: { bias: true } }
 */
export interface LayerConfig {
  /** Name of the class. */
  readonly type: string;
  /** Positional arguments of the constructor. */
  readonly args: readonly Json[];
  /** The options object behind them; absent for a constructor that takes none. */
  readonly options?: { readonly [key: string]: Json };
}

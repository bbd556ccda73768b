// The networks of handgrad/models by the names that test/fixtures/make_models.py gives them.
import * as zoo from "../../src/entries/models.js";
import type { Graph, Sequential } from "../../src/index.js";

type Options = Readonly<Record<string, unknown>>;
type Build = (options?: Options) => Sequential | Graph;

const { shufflenetV2, ...others } = zoo;
// The classifier that comes trained, and what belongs to it, are tested in test/pretrained.
const PRETRAINED = /^digitClassifier$|^drawing/;

/** By name: a function of options. */
export const NETWORKS: ReadonlyMap<string, Build> = new Map<string, Build>([
  ...Object.entries(others as unknown as Readonly<Record<string, Build>>).filter(([name]) => !PRETRAINED.test(name)),
  ["shufflenetV2x0_5", (options) => shufflenetV2({ ...options, widthMult: 0.5 })],
  ["shufflenetV2x1_0", (options) => shufflenetV2(options)],
  ["shufflenetV2x1_5", (options) => shufflenetV2({ ...options, widthMult: 1.5 })],
  ["shufflenetV2x2_0", (options) => shufflenetV2({ ...options, widthMult: 2 })],
]);

/** The network of this name. */
export function buildNetwork(name: string, options: Options = {}): Sequential | Graph {
  const build = NETWORKS.get(name);
  if (build === undefined) throw new Error(`no network ${name}`);
  return build(options);
}

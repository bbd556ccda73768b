// The operators that are read and written: the one list of both sides. Like the list of layers it finds code by a stored name.
import { activations } from "./activations.js";
import { adaptivePool } from "./adaptivePool.js";
import { arithmetic } from "./arithmetic.js";
import { averagePool } from "./averagePool.js";
import { batchNormalization } from "./batchNormalization.js";
import { cast } from "./cast.js";
import { channelShuffle } from "./channelShuffle.js";
import { concat } from "./concat.js";
import { constant } from "./constant.js";
import { constantMath } from "./constantMath.js";
import { constantOfShape } from "./constantOfShape.js";
import { conv } from "./conv.js";
import { depthToSpace } from "./depthToSpace.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { gather } from "./gather.js";
import { gemm } from "./gemm.js";
import { groupNorm } from "./groupNorm.js";
import { globalPool } from "./globalPool.js";
import { identity } from "./identity.js";
import { joins } from "./joins.js";
import { lrn } from "./lrn.js";
import { maxUnpool } from "./maxUnpool.js";
import { maxPool } from "./maxPool.js";
import { moreActivations } from "./moreActivations.js";
import { convTranspose } from "./convTranspose.js";
import { instanceNormalization } from "./instanceNormalization.js";
import { layerNormalization } from "./layerNormalization.js";
import type { LayerExport, Operator, ReadNode } from "./operator.js";
import { pad } from "./pad.js";
import { prelu } from "./prelu.js";
import { reshape } from "./reshape.js";
import { resize } from "./resize.js";
import { scale } from "./scale.js";
import { residual } from "./residual.js";
import { sequential } from "./sequential.js";
import { shape } from "./shape.js";
import { slice } from "./slice.js";
import { softmax } from "./softmax.js";
import { squeeze } from "./squeeze.js";
import { transpose } from "./transpose.js";

const LIST: readonly Operator[] = [
  ...[
    conv,
    maxPool,
    averagePool,
    globalPool,
    gemm,
    flatten,
    dropout,
    activations,
    moreActivations,
    prelu,
    softmax,
    sequential,
    residual,
    joins,
  ],
  ...[arithmetic, batchNormalization, groupNorm, pad, reshape, concat, slice],
  ...[
    adaptivePool,
    channelShuffle,
    depthToSpace,
    lrn,
    maxUnpool,
    resize,
    scale,
    convTranspose,
    instanceNormalization,
    layerNormalization,
  ],
  ...[cast, constant, constantMath, constantOfShape, gather, identity, shape, squeeze, transpose],
];

/** What nodes become, by their `op_type`. A Map, so that "constructor" is not found. */
export const READS: ReadonlyMap<string, ReadNode> = new Map(
  LIST.flatMap(({ reads = {} }) => Object.entries(reads)).sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** What layers become. */
export const WRITES: readonly LayerExport[] = LIST.flatMap(({ writes = [] }) => writes);

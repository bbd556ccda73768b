// A convolutional autoencoder: images through a few numbers and back.
import { readOptions, positive, type Check, type OptionTable } from "../base/options.js";
import { ArgumentError } from "../base/errors.js";
import { show } from "../base/check.js";
import { ReLU } from "../nn/activation/relu.js";
import { Sigmoid } from "../nn/activation/sigmoid.js";
import { Sequential } from "../nn/container/sequential.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { ConvTranspose2d } from "../nn/conv/convtranspose2d.js";
import { Linear } from "../nn/linear/linear.js";
import { Flatten } from "../nn/shape/flatten.js";
import { Unflatten } from "../nn/shape/unflatten.js";

/** Options of {@link autoencoder}. */
export interface AutoencoderOptions {
  /** Channels of the images. Default 1. */
  readonly inChannels?: number;
  /** Height and width of the images, a multiple of 4. Default 28. */
  readonly imageSize?: number;
  /** How many numbers the code has. Default 32. */
  readonly codeSize?: number;
}

const multipleOf4: Check<number> = (who, name, value) => {
  if (positive(who, name, value) % 4 === 0) return value as number;
  throw new ArgumentError(`${who}: expected ${name} to be a multiple of 4 (it is halved twice), got ${show(value)}.`);
};

/**
 * A convolutional autoencoder, "encoder" and "decoder": two convolutions of stride 2 and a linear layer to the code, and the same way
 * back by transposed convolutions, with a sigmoid at the end. 115,217 parameters as it stands, which start as PyTorch's defaults.
 *
 * Input [N, inChannels, imageSize, imageSize] with numbers from 0 to 1, output in the same shape.
 *
 * @example
 * const model = autoencoder({ codeSize: 8 });
 * model.get("encoder").outputShape([5, 1, 28, 28]); // [5, 8]: the codes of five images
 *
 * @throws ArgumentError for an unusable option
 * @see Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 313, 2006
 */
export function autoencoder(options: AutoencoderOptions = {}): Sequential {
  const table: OptionTable<AutoencoderOptions> = {
    inChannels: { check: positive, default: 1 },
    imageSize: { check: multipleOf4, default: 28 },
    codeSize: { check: positive, default: 32 },
  };
  const { inChannels, imageSize, codeSize } = readOptions<AutoencoderOptions>("autoencoder", table, options);
  const side = imageSize / 4;
  const encoder = new Sequential(
    ...[new Conv2d(inChannels, 16, 3, { stride: 2, padding: 1 }), new ReLU()],
    ...[new Conv2d(16, 32, 3, { stride: 2, padding: 1 }), new ReLU()],
    ...[new Flatten(), new Linear(32 * side * side, codeSize)],
  );
  const decoder = new Sequential(
    ...[new Linear(codeSize, 32 * side * side), new ReLU(), new Unflatten(1, [32, side, side])],
    ...[new ConvTranspose2d(32, 16, 4, { stride: 2, padding: 1 }), new ReLU()],
    ...[new ConvTranspose2d(16, inChannels, 4, { stride: 2, padding: 1 }), new Sigmoid()],
  );
  return new Sequential(["encoder", encoder], ["decoder", decoder]);
}

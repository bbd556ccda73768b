// The numbers of SELU. Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.

/** The alpha of the ELU in a SELU. */
export const SELU_ALPHA = 1.6732632423543772;

/** What it is multiplied by. */
export const SELU_SCALE = 1.0507009873554805;

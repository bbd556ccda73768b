// When a gradient and its finite difference agree.

/** What rounding a sum of products and dividing by the step may leave. */
export const AGREES = 1e-6;

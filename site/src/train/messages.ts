// What the page and its worker say to each other.

export interface Settings {
  readonly seed: number;
  readonly lr: number;
  readonly batch: number;
  readonly epochs: number;
  /** Whether each digit is turned and stretched a little, anew in every epoch. */
  readonly vary: boolean;
}

export type ToWorker =
  | { readonly type: "start"; readonly settings: Settings; readonly digits: string }
  | { readonly type: "pause" | "resume" | "save" }
  /** What the network makes of an image of 28x28. */
  | { readonly type: "look"; readonly image: Float32Array }
  /** A held-out digit. */
  | { readonly type: "digit"; readonly index: number }
  /** Held-out digits of one class that were taken for another. */
  | { readonly type: "confused"; readonly truth: number; readonly taken: number };

export interface Progress {
  readonly type: "progress";
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  /** Mean of the batch losses since the last message. */
  readonly loss: number;
  readonly samplesPerSecond: number;
}

export interface Evaluation {
  readonly type: "evaluation";
  readonly step: number;
  readonly epoch: number;
  readonly count: number;
  readonly accuracy: number;
  readonly loss: number;
  /** [truth][prediction], row by row, 10 x 10. */
  readonly confusion: Int32Array;
  /** [16, 3, 3] of the first convolution. */
  readonly filters: Float32Array;
}

export interface Look {
  readonly type: "look";
  readonly probabilities: Float32Array;
  /** After the first ReLU, [16, 26, 26], and after the second, [32, 12, 12]. */
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** How the score of the predicted class changes with each pixel, [28, 28]. */
  readonly saliency: Float32Array;
}

export type FromWorker =
  | Progress
  | Evaluation
  | Look
  | { readonly type: "ready"; readonly training: number; readonly test: number }
  | { readonly type: "paused" | "resumed" | "finished" }
  | { readonly type: "saved"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "digit"; readonly index: number; readonly image: Float32Array; readonly label: number }
  | {
      readonly type: "confused";
      readonly truth: number;
      readonly taken: number;
      readonly images: Float32Array;
      readonly count: number;
    }
  | { readonly type: "error"; readonly message: string };

// The checks of all lessons, in order.
import type { Exercise } from "./exercise.js";
import { exercises as one } from "./lesson-1.js";
import { exercises as two } from "./lesson-2.js";
import { exercises as three } from "./lesson-3.js";
import { exercises as four } from "./lesson-4.js";
import { exercises as five } from "./lesson-5.js";

export const exercises: readonly Exercise[] = [...one, ...two, ...three, ...four, ...five];

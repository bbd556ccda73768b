// Loaded before a program (node --import): its kernels work on vectors of 256 bits, or it does not run.
import { backendInfo } from "handgrad";
import { setWideVectors } from "handgrad/wide";

if (!(await setWideVectors())) throw new Error(backendInfo().reason);

// States whose lines of code are run: every example, and combinations of options.
import { PRESETS } from "../../site/src/step/presets.js";

export const QUERIES: readonly string[] = [
  ...PRESETS.map(([, query]) => query),
  "x=1,2,3,4,5;6,7,8,9,8;7,6,5,4,3&w=1,-1,2;0,1,-2&s=2,1&p=1,0,2,1&d=1,2&b=0.5&dy=1,2,3;4,5,-6",
  "x=1,2,3;4,5,6;7,8,9|9,8,7;6,5,4;3,2,1&w=1,0;1,1|1,-1;2,0&o=2&g=2&p=1&mode=reflect&flip=1",
  "x=1,2,3;4,5,6;7,8,9&w=1,0;1,1&p=2,1,0,1&mode=replicate",
  "op=max&x=1,2,3,0;4,5,6,1;7,8,9,2;0,1,2,3&k=2,3&s=2,1&p=1,1,1,1&d=1,1",
  "op=max&x=1,2,3,0;4,5,6,1;7,8,9,2;0,1,2,3&k=2,2&s=1,1&d=2,2",
  "op=avg&x=1,2,3,0;4,5,6,1;7,8,9,2;0,1,2,3&k=2,3&s=2,2&p=1,1,1,1&dy=1,2;3,4;5,6",
];

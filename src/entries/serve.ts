// The entry handgrad/serve: a module of yours as a training worker, with layers and data of your own.
export { serveTraining, type Served } from "../worker/serveTraining.js";

// Prints the PyTorch code of each state in queries.ts as JSON, for test/fixtures/make_site.py.
import { torchCode } from "../../site/src/step/code.js";
import { fromQuery } from "../../site/src/step/state.js";
import { QUERIES } from "./queries.js";

console.log(JSON.stringify(QUERIES.map((query) => ({ query, code: torchCode(fromQuery(query).state) }))));

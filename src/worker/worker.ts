// What the package's own training worker runs. The build makes it a text (worker.generated.ts); nothing imports this file.
import { serveTraining } from "./serveTraining.js";

serveTraining();

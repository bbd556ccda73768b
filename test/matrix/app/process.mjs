// Runs the app in a process and prints what came of it as a line of JSON.
import { answer } from "./answer.mjs";

answer().then(
  (result) => console.log(JSON.stringify(result)),
  (error) => console.log(JSON.stringify({ error: String(error) })),
);

// `npm run course`: checks the answers in course/exercises. All of them, a lesson (`npm run course -- 3`) or one exercise
// (`npm run course -- 3.2`); with `--solutions` those in course/solutions. The exit code is 0 when every answer that was
// asked for is right.
import { HandgradError } from "handgrad";
import { exercises } from "./checks/all.js";
import type { Exercise } from "./checks/exercise.js";
import { UnsolvedError } from "./unsolved.js";

const given = process.argv.slice(2);
const folder = given.includes("--solutions") ? "solutions" : "exercises";
const wanted = given.find((word) => word !== "--solutions") ?? "";
const chosen = exercises.filter(({ id }) => id === wanted || id.startsWith(`${wanted}.`) || wanted === "");
if (chosen.length === 0) {
  console.log(`expected a lesson (1 to 5) or an exercise (such as 3.2), got "${wanted}"`);
  process.exit(2);
}

async function judge({ id, name, check }: Exercise): Promise<"right" | "unsolved" | "wrong"> {
  const answers = (await import(`./${folder}/lesson-${id[0]}.ts`)) as Record<string, never>;
  try {
    check(answers[name]);
    console.log(`right     ${id} ${name}`);
    return "right";
  } catch (error) {
    if (error instanceof UnsolvedError) {
      console.log(`unsolved  ${id} ${name}: course/exercises/lesson-${id[0]}.ts`);
      return "unsolved";
    }
    const { name: kind, message, stack } = error as Error;
    console.log(`wrong     ${id} ${name}: ${kind === "Error" || error instanceof HandgradError ? message : stack}`);
    return "wrong";
  }
}

const counts = { right: 0, unsolved: 0, wrong: 0 };
for (const exercise of chosen) counts[await judge(exercise)]++;
console.log(`${counts.right} of ${chosen.length} right, ${counts.unsolved} unsolved`);
process.exitCode = counts.right === chosen.length ? 0 : 1;

// The exercises of the course: their checks accept the solutions, and refuse what nobody has solved and the usual mistakes.
import { describe, expect, it, vi } from "vitest";
import { exercises } from "../../course/checks/all.js";
import { same } from "../../course/checks/exercise.js";

// Course and examples import "handgrad". Here that is src: one Tensor class, and nothing to build.
vi.mock("handgrad", () => import("../../src/index.js"));
vi.mock("handgrad/data", () => import("../../src/entries/data.js"));

type Answers = Record<string, never>;
const answersIn = (folder: string, lesson: string): Promise<Answers> =>
  import(`../../course/${folder}/lesson-${lesson}.ts`) as Promise<Answers>;

it("There are five exercises for each of the five lessons", () => {
  const ids = [1, 2, 3, 4, 5].flatMap((lesson) => [1, 2, 3, 4, 5].map((number) => `${lesson}.${number}`));
  expect(exercises.map(({ id }) => id)).toEqual(ids);
});

describe.each(exercises.map((exercise) => [exercise.id, exercise] as const))("Exercise %s", (id, exercise) => {
  it("accepts the solution", async () => {
    const answers = await answersIn("solutions", id[0]);
    exercise.check(answers[exercise.name]);
  });

  it("is unsolved in the learner's file", async () => {
    const answers = await answersIn("exercises", id[0]);
    expect(answers[exercise.name]).toBeDefined();
    expect(() => exercise.check(answers[exercise.name])).toThrow("not solved yet");
  });

  it.each(Object.keys(exercise.wrong))("refuses a usual mistake: %s", (mistake) => {
    const wrong: Readonly<Record<string, never>> = exercise.wrong;
    expect(() => exercise.check(wrong[mistake])).toThrow(/expected /);
  });

  it("names more than one mistake", () => {
    expect(Object.keys(exercise.wrong).length).toBeGreaterThan(1);
  });
});

it("A comparison in a check lets no NaN and no missing number pass", () => {
  expect(() => same("x", NaN, 1)).toThrow("x: expected 1, got \"NaN\""); // prettier-ignore
  expect(() => same("x", [1], [1, 2])).toThrow("expected [1,2], got [1]");
  expect(() => same("x", undefined, [1])).toThrow("got undefined");
  same("x", [1.0004], [1], 1e-3);
});

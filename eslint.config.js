// Lint rules: TypeScript's strict set, and the rule that keeps numbers the same in every JavaScript engine.
import tseslint from "typescript-eslint";

// Engines disagree on the last bits of these; src/numbers/math.ts has our own.
const inexact = [
  ...[
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "exp",
    "expm1",
    "hypot",
    "log",
  ],
  ...["log10", "log1p", "log2", "pow", "random", "sin", "sinh", "tan", "tanh", "f16round", "sumPrecise"],
];

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "site/dist/",
      "docs/api/",
      "out/",
      "coverage/",
      "src/backend/wasm/assembly/",
      "**/*.generated.ts",
    ],
  },
  ...tseslint.configs.strict,
  {
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/unified-signatures": "off", // overloads with their own docs read better
      "@typescript-eslint/no-invalid-void-type": "off", // void is the answer of backward without inputGrad
      "@typescript-eslint/no-dynamic-delete": "off",
      "@typescript-eslint/no-extraneous-class": "off",
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "no-console": "error",
      "no-eval": "error",
      "no-new-func": "error",
      "no-restricted-properties": [
        "error",
        ...inexact.map((property) => ({
          object: "Math",
          property,
          message: "JavaScript engines disagree on its last bits: use src/numbers/math.ts.",
        })),
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "BinaryExpression[operator='**']",
          message: "Engines disagree on **: use pow of src/numbers/math.ts.",
        },
        {
          selector: "AssignmentExpression[operator='**=']",
          message: "Engines disagree on **: use pow of src/numbers/math.ts.",
        },
        {
          selector: "MemberExpression[object.name='Math'][computed=true]",
          message: "A computed Math function escapes the rule on exact functions.",
        },
      ],
    },
  },
  {
    files: ["test/**/*.{ts,mjs}", "examples/**/*.ts", "site/*.mjs"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
    },
  },
);

// Types of what Vite makes of an import.
/// <reference types="vite/client" />
declare module "virtual:formulas" {
  /** MathML of each formula of formulas.json, made by KaTeX when the site was built. */
  const formulas: Readonly<Record<string, string>>;
  export default formulas;
}

// What the compiler does not see: promises nobody waits for, text turned into markup, code made from text.
import tseslint from "typescript-eslint";

const MARKUP = "Text never becomes markup: build nodes with createElement, textContent and replaceChildren.";

export default tseslint.config(...tseslint.configs.strictTypeChecked, {
  languageOptions: {
    parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
  },
  linterOptions: { reportUnusedDisableDirectives: "error" },
  rules: {
    eqeqeq: "error",
    "no-eval": "error",
    "no-new-func": "error",
    "no-console": "error",
    "no-restricted-properties": [
      "error",
      ...["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe", "parseHTMLUnsafe", "srcdoc"].map(
        (property) => ({ property, message: MARKUP }),
      ),
      { object: "document", property: "write", message: MARKUP },
      { object: "document", property: "writeln", message: MARKUP },
      { object: "Math", property: "random", message: "Chance comes from crypto.getRandomValues." },
    ],
    "@typescript-eslint/no-implied-eval": "error",
    "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
    "@typescript-eslint/consistent-type-imports": "error",
    "@typescript-eslint/switch-exhaustiveness-check": "error",
  },
});

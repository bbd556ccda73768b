// Writes the pictures of the course to docs/course/pictures. Run after a build: `npm run course:pictures`. A test compares the
// files with what the functions draw.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lessons12 } from "./lessons12.js";
import { lessons345 } from "./lessons345.js";

const folder = fileURLToPath(new URL("../../docs/course/pictures/", import.meta.url));
mkdirSync(folder, { recursive: true });
for (const [name, svg] of Object.entries({ ...lessons12(), ...lessons345() }))
  writeFileSync(`${folder}${name}.svg`, svg);

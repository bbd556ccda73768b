// The entry "handgrad/plain": a backend without WebAssembly and without code from strings.
export { plain } from "../backend/plain/backend.js";

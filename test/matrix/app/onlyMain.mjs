// Loaded before the app with --import: threads that inherit that option fail.
import { isMainThread } from "node:worker_threads";

if (!isMainThread) throw new Error("a kernel thread has loaded what is not its own");

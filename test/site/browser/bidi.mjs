// A small client of WebDriver BiDi, the protocol by which Firefox is driven: starts it, sends commands, hears events.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

export const firefox = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find(existsSync);
const SETTINGS = {
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.enabled": false,
  "app.update.enabled": false,
  "app.normandy.enabled": false,
  "ui.systemUsesDarkTheme": 1,
};

export class Firefox {
  #socket;
  #process;
  #profile;
  #next = 1;
  #waiting = new Map();
  #context;
  /** Errors of the console and requests to elsewhere. */
  troubles = [];

  static async start() {
    const browser = new Firefox();
    browser.#profile = mkdtempSync(join(tmpdir(), "handgrad-firefox-"));
    const lines = Object.entries(SETTINGS).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
    writeFileSync(join(browser.#profile, "user.js"), lines.join(""));
    const args = ["--headless", "--no-remote", "--profile", browser.#profile, "--remote-debugging-port", "0"];
    browser.#process = spawn(firefox, args, { stdio: ["ignore", "ignore", "pipe"] });
    const address = await new Promise((resolve, reject) => {
      let said = "";
      const late = setTimeout(() => reject(new Error(`Firefox did not start: ${said}`)), 60_000);
      browser.#process.stderr.on("data", (text) => {
        said += text;
        const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said);
        if (found !== null) {
          clearTimeout(late);
          resolve(found[1]);
        }
      });
    });
    browser.#socket = new WebSocket(`${address}/session`);
    await new Promise((resolve, reject) => browser.#socket.once("open", resolve).once("error", reject));
    browser.#socket.on("message", (text) => browser.#hear(JSON.parse(text)));
    const { capabilities } = await browser.send("session.new", { capabilities: {} });
    await browser.send("session.subscribe", { events: ["log.entryAdded", "network.beforeRequestSent"] });
    browser.#context = (await browser.send("browsingContext.getTree", {})).contexts[0].context;
    browser.version = capabilities.browserVersion;
    return browser;
  }

  send(method, params) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, method });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #hear({ id, type, result, method, params, message }) {
    if (type === "event") {
      if (method === "log.entryAdded" && ["error", "warn"].includes(params.level)) this.troubles.push(params.text);
      const url = params.request?.url ?? "";
      if (
        method === "network.beforeRequestSent" &&
        /^(https?|wss?):/.test(url) &&
        !url.startsWith("http://127.0.0.1:")
      ) {
        if (params.context === this.#context) this.troubles.push(`request to ${url}`);
      }
      return;
    }
    const { resolve, reject, method: asked } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (type === "error") reject(new Error(`${asked}: ${message}`));
    else resolve(result);
  }

  async go(url) {
    await this.send("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
  }

  async size(width, height) {
    await this.send("browsingContext.setViewport", { context: this.#context, viewport: { width, height } });
  }

  /** The value of an expression in the page, as JSON. */
  async evaluate(expression) {
    const target = { context: this.#context };
    const wrapped = `(async () => JSON.stringify(await (${expression})))()`;
    const { result, exceptionDetails } = await this.send("script.evaluate", {
      expression: wrapped,
      target,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value === undefined ? undefined : JSON.parse(result.value);
  }

  async until(expression, milliseconds = 20_000) {
    const end = Date.now() + milliseconds;
    while (!(await this.evaluate(expression))) {
      if (Date.now() > end) throw new Error(`waited in vain for ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Presses keys one after another; the names are those of WebDriver ("\uE008" and so on) or characters. */
  async keys(...keys) {
    const actions = keys.flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]); // prettier-ignore
    await this.send("input.performActions", {
      context: this.#context,
      actions: [{ type: "key", id: "keys", actions }],
    });
  }

  /** Moves the mouse along points with its button down. */
  async drag(...points) {
    const [[x, y], ...rest] = points.map((point) => point.map(Math.round));
    const moves = rest.map(([u, v]) => ({ type: "pointerMove", x: u, y: v, duration: 30 }));
    const actions = [{ type: "pointerMove", x, y }, { type: "pointerDown", button: 0 }, ...moves, { type: "pointerUp", button: 0 }]; // prettier-ignore
    await this.send("input.performActions", {
      context: this.#context,
      actions: [{ type: "pointer", id: "mouse", actions }],
    });
  }

  async screenshot(path) {
    const { data } = await this.send("browsingContext.captureScreenshot", { context: this.#context });
    writeFileSync(path, Buffer.from(data, "base64"));
  }

  async stop() {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await gone;
    rmSync(this.#profile, { recursive: true, force: true });
  }
}

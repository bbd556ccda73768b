// The language of the pages: which one, its strings, and who wants to know when it changes.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { en } from "./en.js";
import { ko } from "./ko.js";

export type Key = keyof typeof en;
export type Lang = "en" | "ko";
const STRINGS: Readonly<Record<Lang, Readonly<Record<Key, string>>>> = { en, ko };

let current: Lang | undefined;
const listeners = new Set<() => void>();

/** The language in force: what the page set, or the reader's own. */
export function lang(): Lang {
  return (current ??= navigator.languages.find((l) => /^(ko|en)\b/.test(l))?.startsWith("ko") === true ? "ko" : "en");
}

export function setLang(next: Lang): void {
  if (next === current) return;
  current = next;
  for (const listener of listeners) listener();
}

/** A string with its {names} filled in. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return fill(STRINGS[lang()][key], values);
}

export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Whether there is a string of that name. */
export function isKey(name: string): name is Key {
  return name in en;
}

/** Renders its element anew when the language changes. */
export class Translated implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #listen = (): void => this.#host.requestUpdate();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    listeners.add(this.#listen);
  }

  hostDisconnected(): void {
    listeners.delete(this.#listen);
  }
}

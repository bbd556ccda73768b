// The script in a report: the slider of epochs, the cells that open their pictures, and the theme. A page without it shows all of
// the rest. It makes elements and texts, and never reads HTML. scripts/build-page.mjs makes it a text.
import type { PageData } from "./data.js";
import { cellWords, grouped, matrixWords, shade } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function theme(): void {
  const button = document.querySelector<HTMLButtonElement>("#theme");
  if (button === null) return;
  const isDark = (): boolean => {
    const { theme: chosen } = document.documentElement.dataset;
    return chosen === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
  };
  const say = (): void => void (button.textContent = isDark() ? "Light" : "Dark");
  button.hidden = false;
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    say();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", say);
  say();
}

/** One run's matrix. */
class Matrix {
  readonly #data: PageData;
  readonly #root: HTMLElement;
  readonly #cells: readonly HTMLTableCellElement[];
  readonly #size: number;
  #view: number;
  #place = 0; // the cell that Tab goes to

  constructor(root: HTMLElement, data: PageData) {
    this.#data = data;
    this.#root = root;
    this.#size = data.names.length;
    this.#view = data.current;
    this.#cells = [...root.querySelectorAll<HTMLTableCellElement>("tbody td")].slice(0, this.#size * this.#size);
    const hint = root.querySelector<HTMLElement>(".hint");
    if (hint !== null) hint.hidden = false;
    root.querySelector("table")?.addEventListener("keydown", (event) => this.#move(event));
    const slider = root.querySelector<HTMLInputElement>("input[type=range]");
    if (slider !== null) {
      (slider.parentElement as HTMLElement).hidden = false;
      slider.addEventListener("input", () => {
        this.#view = Number(slider.value);
        this.#draw(slider);
      });
    }
    this.#draw(slider);
  }

  #draw(slider: HTMLInputElement | null): void {
    const { names, views, pictures, areAll } = this.#data;
    const { cells, words, epoch } = views[this.#view];
    this.#cells.forEach((cell, i) => {
      const [row, column] = [Math.floor(i / this.#size), i % this.#size];
      const ofRow = cells.slice(row * this.#size, (row + 1) * this.#size).reduce((a, b) => a + b, 0);
      const text = cellWords(names[row], names[column], cells[i]);
      cell.className = `${row === column ? "right" : "wrong"} h${shade(cells[i], ofRow)}`;
      cell.title = text;
      if (pictures.length === 0) {
        cell.textContent = grouped(cells[i]);
        return;
      }
      const button = cell.querySelector("button") ?? this.#button(cell, i);
      button.textContent = grouped(cells[i]);
      button.setAttribute("aria-label", text);
      button.setAttribute("aria-disabled", String(cells[i] === 0));
    });
    const sentence = this.#root.querySelector(".sentence");
    if (sentence !== null) sentence.textContent = matrixWords(names, views[this.#view], areAll);
    if (slider === null) return;
    slider.setAttribute("aria-valuetext", words);
    const output = this.#root.querySelector("output");
    if (output !== null) output.textContent = words;
    for (const line of document.querySelectorAll<SVGLineElement>("line.at")) {
      const { from, step, first } = line.dataset;
      if (epoch === null) line.setAttribute("hidden", "");
      else line.removeAttribute("hidden");
      const x = String(Number(from) + Number(step) * ((epoch ?? 0) - Number(first)));
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
    }
  }

  #button(cell: HTMLElement, i: number): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = i === this.#place ? 0 : -1;
    button.addEventListener("click", () => this.#open(i));
    cell.replaceChildren(button);
    return button;
  }

  #move(event: KeyboardEvent): void {
    const i = this.#cells.findIndex((cell) => cell.contains(event.target as Node));
    if (i < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const [row, column, last] = [Math.floor(i / this.#size), i % this.#size, this.#size - 1];
    const to = ({
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      Home: [row, 0],
      End: [row, last],
    } as Record<string, readonly [number, number]>)[event.key]; // prettier-ignore
    if (to === undefined) return;
    event.preventDefault();
    const [r, c] = to.map((place) => Math.min(Math.max(place, 0), last));
    const [before, next] = [i, r * this.#size + c].map((place) => this.#cells[place].querySelector("button"));
    if (before === null || next === null) return;
    before.tabIndex = -1;
    next.tabIndex = 0;
    this.#place = r * this.#size + c;
    next.focus();
  }

  #open(i: number): void {
    const { names, views, pictures } = this.#data;
    const { cells, words } = views[this.#view];
    if (cells[i] === 0) return;
    const [row, column] = [Math.floor(i / this.#size), i % this.#size];
    const found = pictures.filter(({ label, by }) => label === row && by[this.#view] === column);
    const dialog = document.querySelector<HTMLDialogElement>("#cell");
    const title = dialog?.querySelector("h2");
    const text = dialog?.querySelector("p");
    const list = dialog?.querySelector(".pictures");
    if (!dialog || !title || !text || !list) return;
    title.textContent = cellWords(names[row], names[column], cells[i]);
    text.textContent = `${words}. ${found.length} of ${grouped(cells[i])} ${cells[i] === 1 ? "is" : "are"} in this report.`;
    list.replaceChildren(...found.map(({ id, words: caption }) => picture(id, `${names[row]}: ${caption}`, caption)));
    dialog.showModal();
    dialog.scrollTop = 0;
  }
}

function picture(id: string, label: string, words: string): HTMLElement {
  const figure = document.createElement("figure");
  const image = document.createElementNS(SVG, "svg");
  for (const [name, value] of [["class", "picture"], ["role", "img"], ["aria-label", label], ["viewBox", "0 0 1 1"]]) image.setAttribute(name, value); // prettier-ignore
  const use = document.createElementNS(SVG, "use");
  for (const [name, value] of [["href", `#${id}`], ["width", "1"], ["height", "1"]]) use.setAttribute(name, value); // prettier-ignore
  image.append(use);
  const caption = document.createElement("figcaption");
  caption.textContent = words;
  figure.append(image, caption);
  return figure;
}

theme();
for (const block of document.querySelectorAll<HTMLElement>("script[type='application/json']")) {
  const root = document.getElementById(block.id.replace(/data$/, "matrix"));
  if (root !== null) new Matrix(root, JSON.parse(block.textContent ?? "null") as PageData);
}
document.querySelector("#cell button")?.addEventListener("click", () => {
  document.querySelector<HTMLDialogElement>("#cell")?.close();
});

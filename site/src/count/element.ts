// <handgrad-count>: a network of blocks; shapes, parameters, memory, multiplications and receptive field of each.
import { html, nothing, type TemplateResult } from "lit";
import { lang, t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { custom } from "../lib/custom.js";
import { define, PageElement } from "../lib/element.js";
import { whole } from "../lib/format.js";
import { FIELDS, KINDS, NETWORKS, count, format, parse, withDefaults, type Block, type Count, type Field, type Kind, type NetworkName } from "./blocks.js"; // prettier-ignore

const MB = 1024 * 1024;

export class CountElement extends PageElement {
  #input: readonly number[] = [1, 28, 28];
  #blocks: readonly Block[] = [];
  #trouble = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.restore();
  }

  protected override restore(): void {
    const q = new URLSearchParams(this.query);
    const [input, net] = NETWORKS.lesson4;
    this.#read(q.get("in") ?? input, q.get("net") ?? net);
  }

  #read(input: string, net: string): void {
    const sizes = input.split(",").map(Number);
    const blocks = parse(net);
    const good = sizes.length === 3 && sizes.every((size) => Number.isInteger(size) && size > 0 && size <= 4096);
    this.#trouble = "";
    if (!good) this.#trouble = t("count.badInput", { input });
    else if (typeof blocks === "string")
      this.#trouble = t("count.badBlock", { block: blocks, kinds: KINDS.join(", ") });
    if (good && typeof blocks !== "string") {
      this.#input = sizes;
      this.#blocks = blocks;
    }
    this.requestUpdate();
  }

  #set(blocks: readonly Block[], input = this.#input): void {
    this.#blocks = blocks;
    this.#input = input;
    this.#trouble = "";
    const [firstInput, firstNet] = NETWORKS.lesson4;
    const parts = [];
    if (input.join() !== firstInput) parts.push(`in=${input.join()}`);
    if (format(blocks) !== firstNet) parts.push(`net=${format(blocks)}`);
    this.keep(parts.join("&"));
    this.requestUpdate();
  }

  #preset(name: NetworkName): void {
    const [input, net] = NETWORKS[name];
    const blocks = parse(net);
    if (typeof blocks !== "string") this.#set(blocks, input.split(",").map(Number));
  }

  override render(): TemplateResult {
    const done = count(this.#input, this.#blocks);
    const text = format(this.#blocks);
    return html`
      <div class="page" lang=${lang()}>
        <div class="intro"><h1>${t("page.count.title")}</h1><p>${t("page.count.lead")}</p></div>
        <div class="row presets" role="group" aria-label=${t("count.networks")}>${(Object.keys(NETWORKS) as NetworkName[]).map((name) => html`<button type="button" class="chip" data-network=${name} aria-pressed=${NETWORKS[name][0] === this.#input.join() && NETWORKS[name][1] === text} @click=${() => this.#preset(name)}>${t(`count.network.${name}`)}</button>`)}</div>
        <div class="row">
          <label>${t("count.input")} <input type="text" name="input" .value=${this.#input.join()} @change=${(event: Event) => this.#write((event.target as HTMLInputElement).value, text)} /></label>
          <label class="grow">${t("count.text")} <input type="text" name="net" .value=${text} @change=${(event: Event) => this.#write(this.#input.join(), (event.target as HTMLInputElement).value)} /></label>
        </div>
        ${this.#trouble === "" ? nothing : html`<p class="error" role="alert">${this.#trouble}</p>`}
        ${spoken(this.#sentence(done), false, "count")}
        ${done.error === undefined ? nothing : html`<p class="error misfit" role="alert">${t("count.misfit", { at: done.error.at + 1 })} <code>${done.error.message}</code></p>`}
        <section class="card" aria-label=${t("count.layers")}>
          <div class="scroll" tabindex="0" role="group" aria-label=${t("count.layers")}>
            <table class="table layers">
              <thead><tr><th scope="col">${t("count.block")}</th><th scope="col">${t("count.shape")}</th><th scope="col" class="number">${t("count.parameters")}</th><th scope="col" class="number">${t("count.multiplications")}</th><th scope="col" class="number">${t("count.field")}</th><th scope="col" class="number">${t("count.memory")}</th><th scope="col"><span class="visually-hidden">${t("count.edit")}</span></th></tr></thead>
              <tbody>
                <tr><th scope="row">${t("count.input")}</th><td>[${this.#input.join(", ")}]</td><td></td><td></td><td class="number">1</td><td></td><td></td></tr>
                ${this.#blocks.map((block, at) => this.#drawRow(block, at, done))}
              </tbody>
              <tfoot><tr><th scope="row">${t("count.total")}</th><td></td><td class="number total">${whole(done.parameters)}</td><td class="number">${whole(done.multiplications)}</td><td></td><td class="number">${(done.passBytes / MB).toFixed(2)} MB</td><td></td></tr></tfoot>
            </table>
          </div>
          <div class="row"><label>${t("count.add")} <select class="add" @change=${(event: Event) => this.#add(event)}><option value="">…</option>${KINDS.map((kind) => html`<option value=${kind}>${t(`count.kind.${kind}`)}</option>`)}</select></label></div>
          <p class="soft">${t("count.note")}</p>
        </section>
      </div>
    `; // prettier-ignore
  }

  #sentence(done: Count): string {
    const most: { readonly parameters: number } = done.rows.reduce<{ readonly parameters: number }>(
      (best, row) => (row.parameters > best.parameters ? row : best),
      { parameters: 0 },
    );
    const percent = done.parameters === 0 ? 0 : Math.round((100 * most.parameters) / done.parameters);
    return t("count.spoken", {
      parameters: whole(done.parameters),
      multiplications: whole(done.multiplications),
      pass: (done.passBytes / MB).toFixed(2),
      params: ((4 * done.parameters) / MB).toFixed(2),
      total: (
        (4 * this.#input.reduce((all, size) => all * size, 1) + done.passBytes + 4 * done.parameters) /
        MB
      ).toFixed(2),
      percent,
      at: done.rows.findIndex((row) => row === most) + 1,
    });
  }

  #drawRow(block: Block, at: number, done: Count): TemplateResult {
    const row = done.rows[at];
    const values = withDefaults(block);
    const fields = FIELDS[block.kind] as readonly Field[];
    const share = row === undefined || done.parameters === 0 ? 0 : row.parameters / done.parameters;
    const button = (name: "up" | "down" | "remove", sign: string, act: () => void, off = false): TemplateResult =>
      html`<button type="button" class="small ${name}" aria-label=${t(`count.${name}`, { at: at + 1 })} ?disabled=${off} @click=${act}>${sign}</button>`; // prettier-ignore
    return html`<tr class=${at === done.error?.at ? "wrong" : ""} data-row=${at + 1}>
      <th scope="row"><span class="block">${at + 1}. ${t(`count.kind.${block.kind}`)}</span>
        ${fields.map((field) => html`<label class="tiny">${field === "n" ? "" : field}<input type="number" min="0" aria-label=${t("count.fieldOf", { field: t(`count.field.${field}`), at: at + 1 })} .value=${String(values[field])} @change=${(event: Event) => this.#edit(at, field, (event.target as HTMLInputElement).valueAsNumber)} /></label>`)}</th>
      <td>${row === undefined ? "" : `[${row.shape.join(", ")}]`}</td>
      <td class="number bar"><i ${custom({ "--share": share.toFixed(3) })}></i>${row === undefined ? "" : whole(row.parameters)}</td>
      <td class="number">${row === undefined ? "" : whole(row.multiplications)}</td>
      <td class="number">${row?.field ?? ""}</td>
      <td class="number">${row === undefined ? "" : `${(row.bytes / 1024).toFixed(1)} kB`}</td>
      <td class="actions">${button("up", "↑", () => this.#move(at, -1), at === 0)}${button("down", "↓", () => this.#move(at, 1), at === this.#blocks.length - 1)}${button("remove", "×", () => this.#set(this.#blocks.filter((_, n) => n !== at)))}</td>
    </tr>`; // prettier-ignore
  }

  #write(input: string, net: string): void {
    this.#read(input.replace(/\s/g, ""), net.replace(/\s/g, ""));
    if (this.#trouble === "") this.#set(this.#blocks, this.#input);
  }

  #edit(at: number, field: Field, value: number): void {
    if (!Number.isInteger(value) || value < 0) return;
    this.#set(
      this.#blocks.map((block, n) => (n === at ? { ...block, values: { ...block.values, [field]: value } } : block)),
    );
  }

  #move(at: number, by: number): void {
    const blocks = [...this.#blocks];
    [blocks[at], blocks[at + by]] = [blocks[at + by], blocks[at]];
    this.#set(blocks);
  }

  #add(event: Event): void {
    const select = event.target as HTMLSelectElement;
    const kind = select.value as Kind | "";
    select.value = "";
    if (kind !== "") this.#set([...this.#blocks, { kind, values: {}, noBias: false }]);
  }
}

define("handgrad-count", CountElement);

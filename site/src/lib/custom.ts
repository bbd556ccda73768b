// Sets custom properties of an element from a template. lit's own styleMap writes a style attribute first, which a strict
// policy refuses; a property set by script is allowed.
import { nothing } from "lit";
import { Directive, directive, type ElementPart } from "lit/directive.js";

class Custom extends Directive {
  override render(_: Readonly<Record<string, string>>): unknown {
    return nothing;
  }

  override update(part: ElementPart, [properties]: [Readonly<Record<string, string>>]): unknown {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(properties)) {
      if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
    return nothing;
  }
}

/** `<td ${custom({ "--heat": "0.5" })}>` */
export const custom = directive(Custom);

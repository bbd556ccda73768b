// A plugin for TypeDoc: members whose names are symbols are the package's own (src/nn/protocol.ts) and no part of its API.
import { Converter } from "typedoc";

// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- JavaScript has none
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.name.startsWith("[")) project.removeReflection(reflection);
    }
  });
}

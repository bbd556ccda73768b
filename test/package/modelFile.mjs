// A small model as a model file, and what it says about pixels: the same in Node (CommonJS and ESM) and in browsers. Used by the
// package check and by the page of the browser check.

/** The bytes of a model file. */
export function smallModel({ core, io }) {
  const { Sequential, Conv2d, ReLU, MaxPool2d, Flatten, Dropout, Linear, manualSeed } = core;
  manualSeed(7);
  const model = new Sequential(
    ...[new Conv2d(3, 8, 3, { padding: "same" }), new ReLU(), new MaxPool2d(2)],
    ...[new Flatten(), new Dropout(0.5), new Linear(128, 3)],
  );
  const input = { shape: [3, 8, 8], mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  return io.saveModel(model, { input, classes: ["red", "green", "blue"] });
}

/** Bits of the logits, and the class, as plain JSON; once in this size and once resized from another. */
export function predictPixels({ io }, bytes, image) {
  const loaded = io.loadModel(bytes);
  const bits = (y) => Array.from(new Uint32Array(y.data.slice().buffer));
  const half = { data: image.data.slice(0, image.data.length / 2), width: image.width, height: image.height / 2 };
  return {
    logits: bits(loaded.predict(image)),
    resized: bits(loaded.predict(half, { resize: true })),
    best: loaded.classify(image, { top: 1 })[0],
  };
}

/** The same with bytes that were in IndexedDB meanwhile. */
export async function predictStored({ io }, bytes, image) {
  const asked = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const open = indexedDB.open("models", 1);
  open.onupgradeneeded = () => open.result.createObjectStore("files");
  const db = await asked(open);
  await asked(db.transaction("files", "readwrite").objectStore("files").put(new Uint8Array(bytes), "small"));
  const stored = await asked(db.transaction("files").objectStore("files").get("small"));
  db.close();
  return predictPixels({ io }, stored, image);
}

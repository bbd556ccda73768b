// Room for what an update computes on its way: kept from step to step so that nothing is allocated, shared by all parameters of
// one size, and no part of an optimizer's state.
import type { Kept } from "../backend/kernels.js";
import { keptRoom } from "../backend/memory.js";

/** Room by name and size. */
export class Scratch {
  readonly #rooms = new Map<string, Kept>();

  /** Room with anything in it, in the number format of `like`. */
  room(name: string, like: Kept, size: number = like.length): Kept {
    const key = `${name} ${size} ${ArrayBuffer.isView(like) ? like.BYTES_PER_ELEMENT : 4}`;
    let room = this.#rooms.get(key);
    if (room === undefined) this.#rooms.set(key, (room = keptRoom(like, size)));
    return room;
  }
}

// What the script in a report knows of a run: its confusion matrices, and which pictures there are.

/** A confusion matrix at one time. */
export interface MatrixView {
  /** When that was. */
  readonly words: string;
  /** Null for the model at the end. */
  readonly epoch: number | null;
  /** Counts, row by row. */
  readonly cells: readonly number[];
  /** How many samples are right, of how many; with classes that are not drawn. */
  readonly right: number;
  /** See {@link right}. */
  readonly total: number;
}

/** A picture that cells can show. */
export interface CellPicture {
  /** Of its symbol. */
  readonly id: string;
  /** Its class, and the predicted one in each view, by their places in the matrix; -1 for one that is not drawn. */
  readonly label: number;
  /** See {@link label}. */
  readonly by: readonly number[];
  /** What stands below it. */
  readonly words: string;
}

/** All of that. */
export interface PageData {
  readonly names: readonly string[];
  readonly views: readonly MatrixView[];
  /** Whether these are all classes. */
  readonly areAll: boolean;
  /** The view that is shown first. */
  readonly current: number;
  readonly pictures: readonly CellPicture[];
}

// The version that files name as their producer's. A test holds it against package.json.

/** Version of this package. */
export const VERSION = "0.1.0";

// Hands out fast-check with the same examples in every run, so that a test that fails here fails everywhere.
import * as fc from "fast-check";

fc.configureGlobal({ seed: 20_261_102 });

export { fc };

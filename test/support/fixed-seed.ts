// Makes fast-check's examples the same in every run, so that a test that fails here fails everywhere.
import * as fc from "fast-check";

fc.configureGlobal({ seed: 20_261_102 });

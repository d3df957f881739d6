// Keeps the memory of a tick small: V8 would rather let the heap grow than collect it, and a tick shares a small node.

/** From here on Maglev compiles what is hot, quickly and well enough for a program of two seconds. */
const FIRST_NODE_WITH_MAGLEV = 24;

/**
 * Tells V8 to keep the size that the young generation has now (it would grow to 96 MB within a few hundred answers), and to
 * collect the old one whenever it has grown by half (it would let it double or more). A tick over thousands of issues takes
 * half the memory so, and a few percent more processor time; a quiet one does not notice. The slow compiler, which costs such
 * a tick more memory and processor time than it wins back, is left out where there is a quick one.
 */
export function keepHeapSmall(): void {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=50");
  if (Number.parseInt(process.versions.node, 10) >= FIRST_NODE_WITH_MAGLEV) setFlagsFromString("--no-opt");
}

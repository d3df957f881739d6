// Every place of the outside world that the command uses on the production path: a complete run kills it at each.

const PLACES: readonly string[] = [
  "github.List",
  "github.Details",
  "github.permission",
  "github.add_comment",
  "github.edit_comment",
  "github.delete_comment",
  "github.add_label",
  "github.remove_label",
  "github.state",
  "t3.environment",
  "t3.shell",
  "t3.snapshot",
  "t3.thread",
  "t3.project.create",
  "t3.thread.create",
  "t3.thread.turn.start",
  "t3.thread.turn.interrupt",
  "t3.thread.session.stop",
  "t3.thread.settle",
  "t3.thread.archive",
  "t3.thread.delete",
  "bell.ring",
  "stdout",
];

export function missingPlaces(killed: ReadonlyMap<string, number>): readonly string[] {
  return PLACES.filter((place) => !killed.has(place));
}

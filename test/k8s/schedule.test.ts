// When the ticks of a cluster run, and that one ends before the next one starts.
import { expect, test } from "vitest";
import { at, KUSTOMIZATIONS, listAt, ofKind, one, textAt, textsAt } from "./support/manifests.ts";
import { render } from "./support/kustomize.ts";

/** What a step under way gets after a tick was asked to end (DESIGN section 7), in seconds. */
const GRACE_SECONDS = 10;

test("poll and watch each run every two minutes, a minute apart", () => {
  const base = render("base");
  const poll = minutes(at(one(base, "CronJob", "afk-poll"), "spec.schedule"));
  const watch = minutes(at(one(base, "CronJob", "afk-watch"), "spec.schedule"));

  expect(gaps(poll)).toEqual(poll.map(() => 2));
  expect(watch).toEqual(poll.map((minute) => minute + 1));
});

test.each(KUSTOMIZATIONS)(
  "%s: a tick is never retried, overlapped or late, and ends by itself before it is ended",
  (path) => {
    const manifests = render(path);
    const tickSeconds = Number(textsAt(one(manifests, "ConfigMap", "afk"), "data")["AFK_TICK_MAX_SECONDS"]);

    for (const name of ["afk-poll", "afk-watch"]) {
      const job = one(manifests, "CronJob", name);
      const interval = 60 * Math.min(...gaps(minutes(at(job, "spec.schedule"))));
      const deadline = at(job, "spec.jobTemplate.spec.activeDeadlineSeconds");

      expect(job.apiVersion).toBe("batch/v1");
      expect(at(job, "spec")).toMatchObject({
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 60,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: { spec: { backoffLimit: 0, template: { spec: { restartPolicy: "Never" } } } },
      });
      expect(deadline).toBeGreaterThan(tickSeconds + GRACE_SECONDS);
      expect(deadline).toBeLessThan(interval);
      const grace = at(job, "spec.jobTemplate.spec.template.spec.terminationGracePeriodSeconds");
      expect(grace).toBeGreaterThan(GRACE_SECONDS);
    }
  },
);

test("the two CronJobs differ in what they run and when, and in nothing else", () => {
  const jobs = ofKind(render("base"), "CronJob");

  const [poll, watch] = jobs.map((job) => {
    const text = JSON.stringify(job).replaceAll(/poll|watch/g, "<command>");
    return text.replace(textAt(job, "spec.schedule"), "<schedule>");
  });

  expect(jobs.map((job) => listAt(job, "spec.jobTemplate.spec.template.spec.containers.0.args"))).toEqual([
    ["poll"],
    ["watch"],
  ]);
  expect(poll).toBe(watch);
});

/** The minutes of an hour at which a schedule fires; only `first-last/step` and `*\/step`, every hour. */
function minutes(schedule: unknown): readonly number[] {
  const match = /^(?:\*|(\d+)-(\d+))\/(\d+) \* \* \* \*$/.exec(String(schedule));
  if (match === null) throw new Error(`${String(schedule)} is not a schedule of this test`);
  const [first, last, step] = [Number(match[1] ?? 0), Number(match[2] ?? 59), Number(match[3])];
  return Array.from({ length: 60 }, (_, minute) => minute).filter(
    (minute) => minute >= first && minute <= last && (minute - first) % step === 0,
  );
}

/** Minutes from each to the next, round the hour. */
function gaps(fires: readonly number[]): readonly number[] {
  return fires.map((minute, index) => (fires[index + 1] ?? 60 + (fires[0] ?? 0)) - minute);
}

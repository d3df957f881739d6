// What every notifier must do, run against a real receiver on this machine.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Adapter } from "../../src/adapter.ts";
import { readsSecret } from "../../src/config/parsers.ts";
import type { BellKind } from "../../src/core/bell.ts";
import type { Notifier } from "../../src/ports.ts";
import { Secret } from "../../src/secret.ts";
import { everythingIn, failureOf } from "../support/failure.ts";
import { bell, notifierDeps, settingsOf } from "../support/notifier.ts";
import { openSink, reply } from "../support/sink.ts";
import type { Answer, Sink } from "../support/sink.ts";

export interface NotifierCase {
  readonly name: string;
  readonly adapter: Adapter<Notifier>;
  /** The variable with the receiver's URL. */
  readonly urlVariable: string;
  /** The URL at an origin, with `hidden` in its path, and the other variables, with `hidden` in every secret. */
  readonly url: (origin: string) => string;
  readonly others: Readonly<Record<string, string>>;
  /** How the real receiver says that it took a message. */
  readonly accepts: Answer;
}

const KINDS: readonly BellKind[] = ["done", "needs-human", "frozen", "waiting"];

export function notifierConformance(subject: NotifierCase): void {
  const { adapter, name, urlVariable } = subject;
  let sink: Sink;
  let other: Sink;

  beforeEach(async () => {
    sink = await openSink(subject.accepts);
    other = await openSink(subject.accepts);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await sink.close();
    await other.close();
  });

  function settings(url = subject.url(sink.origin)) {
    return settingsOf(adapter, { [urlVariable]: url, ...subject.others });
  }

  function notifier(signal = new AbortController().signal): Notifier {
    return adapter.create(settings(), notifierDeps({ signal }));
  }

  describe(`${name}, as a notifier,`, () => {
    test.each(KINDS)("rings '%s' with one POST that says all there is to say", async (kind) => {
      await notifier().ring(bell({ kind }));

      expect(notifier().name).toBe(name);
      expect(sink.received).toHaveLength(1);
      const [received] = sink.received;
      expect(received?.method).toBe("POST");
      expect(received?.headers["content-type"]).toBe("application/json");
      const said = JSON.stringify(JSON.parse(received?.body ?? ""));
      expect(said).toMatch(/acme\/api.*7/);
      for (const part of ["Sort the list", "stalled", "silent for 30 minutes"]) expect(said).toContain(part);
      expect(said).toContain("https://t3.example/threads/5f1c");
      expect(said).toContain("https://github.com/acme/api/issues/7");
    });

    test("says the same for a repeat, and something else for another run, so that a receiver can drop repeats", async () => {
      await notifier().ring(bell());
      await notifier().ring(bell());
      await notifier().ring(bell({ dedupeKey: "another:LE_2:needs-human" }));

      const [first, repeat, another] = sink.received.map((received) => received.body);
      expect(repeat).toBe(first);
      expect(another).not.toBe(first);
    });

    test("tells the kinds apart", async () => {
      for (const kind of KINDS) await notifier().ring(bell({ kind }));

      expect(new Set(sink.received.map((received) => received.body)).size).toBe(KINDS.length);
    });

    test.each([429, 500, 502, 503, 504])("fails as passing when the receiver answers %d", async (status) => {
      sink.answer = reply(status, "hidden-answer", { "retry-after": "9" });

      const failure = await failureOf(notifier().ring(bell()));

      expect([failure.kind, sink.received.length]).toEqual(["transport", 1]);
      expect(failure.message).toContain("wait 9 s");
      expect(failure.message).toContain(urlVariable);
      expect(everythingIn(failure)).not.toContain("hidden");
    });

    test.each([401, 403, 404, 410])(
      "asks a person to mend the address when the receiver answers %d",
      async (status) => {
        sink.answer = reply(status, "hidden-answer");

        const failure = await failureOf(notifier().ring(bell()));

        expect([failure.kind, sink.received.length]).toEqual(["config", 1]);
        expect(failure.message).toContain(`(${status})`);
        expect(failure.message).toContain(urlVariable);
        expect(everythingIn(failure)).not.toContain("hidden");
      },
    );

    test("calls a message that the receiver does not understand a broken contract", async () => {
      sink.answer = reply(400, "hidden-answer");

      const failure = await failureOf(notifier().ring(bell()));

      expect(failure.kind).toBe("contract");
      expect(everythingIn(failure)).not.toContain("hidden");
    });

    test.each([301, 302, 307, 308])("follows no redirect (%d)", async (status) => {
      sink.answer = reply(status, "", { location: `${other.origin}/hidden` });

      const failure = await failureOf(notifier().ring(bell()));

      expect(failure.kind).toBe("config");
      expect(other.received).toEqual([]);
      expect(everythingIn(failure)).not.toContain("hidden");
    });

    test("gives up on a receiver that hangs after 5 seconds", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      sink.answer = () => {};

      const failing = failureOf(notifier().ring(bell()));
      await sink.waitFor(1);
      await vi.advanceTimersByTimeAsync(5000);
      const failure = await failing;

      expect([failure.kind, sink.received.length]).toEqual(["transport", 1]);
      expect(failure.message).toContain("within 5 s");
      expect(everythingIn(failure)).not.toContain("hidden");
    });

    test("fails as passing when nobody listens", async () => {
      const ringing = notifier();
      await sink.close();

      const failure = await failureOf(ringing.ring(bell()));

      expect(failure.kind).toBe("transport");
      expect(everythingIn(failure)).not.toMatch(/hidden|127\.0\.0\.1/);
    });

    test("stops with the tick", async () => {
      const tick = new AbortController();
      sink.answer = () => {};

      const failing = failureOf(notifier(tick.signal).ring(bell()));
      await sink.waitFor(1);
      tick.abort();

      expect((await failing).kind).toBe("transport");
    });

    test("cuts long text and drops what could hide or reorder it", async () => {
      const hostile = `a\u0000b\u001b[31mc\u202Ed\u200be\r\nf \ud800${"x".repeat(100_000)}`;

      await notifier().ring(bell({ title: hostile, message: hostile }));

      const body = sink.received[0]?.body ?? "";
      expect(Buffer.byteLength(body)).toBeLessThan(8192);
      expect(body).not.toMatch(/\\u0000|\\u001b|\u202e|\u200b|\\ud800|\\r|\\n/);
    });

    test("leaves out links that are absent or that are none", async () => {
      await notifier().ring(bell({ threadUrl: null, issueUrl: null }));
      await notifier().ring(
        bell({ threadUrl: "javascript:alert(1)", issueUrl: "https://me:hidden@a.example/" }),
      );
      await notifier().ring(
        bell({ threadUrl: "not a link", issueUrl: `https://a.example/${"x".repeat(5000)}` }),
      );

      const bodies = sink.received.map((received) => received.body);
      expect(bodies).toHaveLength(3);
      expect(new Set(bodies).size).toBe(1);
      expect(bodies[0]).not.toMatch(/javascript|a\.example|not a link/);
    });

    test("puts neither its URL nor another secret into a message or a print of its settings", async () => {
      await notifier().ring(bell());

      const body = sink.received[0]?.body;
      for (const value of [sink.origin, ...Object.values(subject.others)]) expect(body).not.toContain(value);
      expect(everythingIn(settings())).not.toContain("hidden");
    });

    test("declares every URL and token as a secret, and says what each variable is for", () => {
      for (const variable of Object.values(adapter.variables)) {
        expect(readsSecret(variable.parse)).toBe(true);
        expect(variable.about).toMatch(/^[A-Z].*\.$/);
      }
    });

    test.each([
      ["missing", undefined],
      ["empty", ""],
      ["no address", "hidden"],
      ["of another protocol", "ftp://a.example/hidden"],
      ["without encryption", "http://a.example/hidden"],
      ["with a password", "https://me:hidden@a.example/topic"],
    ])("refuses a URL that is %s as one mistake of the configuration", (_, url) => {
      const parsed = adapter.variables[urlVariable]?.parse.safeParse(url);

      expect(parsed?.error?.issues).toHaveLength(1);
      expect(parsed?.error?.issues[0]?.message).toMatch(/^expected an /);
      expect(everythingIn(parsed?.error?.issues)).not.toContain("hidden");
    });

    test("refuses a URL that became unsafe later, when its file changed, without a request", async () => {
      const changed = { ...settings(), [urlVariable]: new Secret(() => "http://a.example/hidden") };

      const failure = await failureOf(adapter.create(changed, notifierDeps()).ring(bell()));

      expect(failure.kind).toBe("config");
      expect(failure.message).toContain(urlVariable);
      expect(everythingIn(failure)).not.toContain("hidden");
    });

    test("is checked without ringing anybody, and says so", async () => {
      const findings = await adapter.check(settings(), notifierDeps());

      expect(findings.map(({ on, result }) => [on, result])).toEqual([[name, "ok"]]);
      expect(findings[0]?.message).toContain("not rung by --check");
      expect(findings[0]?.message).not.toContain("hidden");
      expect(sink.received).toEqual([]);
    });

    test("is checked with a finding when its URL is unsafe", async () => {
      const changed = { ...settings(), [urlVariable]: new Secret(() => "http://a.example/hidden") };

      const findings = await adapter.check(changed, notifierDeps());

      expect(findings.map(({ on, result }) => [on, result])).toEqual([[name, "config"]]);
      expect(findings[0]?.message).not.toContain("hidden");
    });
  });
}

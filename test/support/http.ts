// The only file that knows nock: HTTP mocks whose every request must be expected and whose every mock must be used.
import nock from "nock";
import { afterAll, afterEach, beforeEach } from "vitest";

export type MockScope = nock.Scope;

export interface HttpMocks {
  /** The mocks of one origin, to be told what to answer. */
  at(origin: string): MockScope;
  /** Forgets everything, and throws when a request met no mock or a mock met no request. Runs after each test. */
  verify(): void;
}

/**
 * Stands between the tests of a file and the network; call it once, at the top of the file.
 * nock answers 501 to a request that no mock of its host matches, so an error of the code would hide the mistake.
 */
export function mockHttp(): HttpMocks {
  const unmatched: string[] = [];
  const note = (request: Request): void => {
    unmatched.push(`${request.method} ${request.url}`);
  };

  function verify(): void {
    const unused = nock.pendingMocks();
    const lines = [
      ...unmatched.map((request) => `no mock for the request: ${request}`),
      ...unused.map((mock) => `never requested: ${mock}`),
    ];
    unmatched.length = 0;
    nock.abortPendingRequests();
    nock.cleanAll();
    if (lines.length > 0) throw new Error(`HTTP did not go as the test says:\n  ${lines.join("\n  ")}`);
  }

  beforeEach(() => {
    // Another test file in the same process may have restored the real network.
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.emitter.on("no match", note);
  });
  afterEach(() => {
    nock.emitter.off("no match", note);
    verify();
  });
  afterAll(() => {
    nock.enableNetConnect();
    nock.restore();
  });

  return { at: (origin) => nock(origin), verify };
}

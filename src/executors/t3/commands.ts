// The commands that change something on a T3 server, their ids, and how the end of one is found out.
import type { AdapterDeps } from "../../adapter.ts";
import { uuidv5 } from "../../core/identity.ts";
import { digest } from "../../digest.ts";
import { AfkError } from "../../errors.ts";
import { WHAT, type DispatchAnswer, type T3Client } from "./client.ts";

export interface ModelSelection {
  readonly instanceId: string;
  readonly model: string;
}

/** What is to be done, without the id and the time that every command also carries. */
export type CommandBody =
  | {
      readonly type: "project.create";
      readonly projectId: string;
      readonly title: string;
      readonly workspaceRoot: string;
      readonly defaultModelSelection: ModelSelection;
    }
  | {
      readonly type: "thread.create";
      readonly threadId: string;
      readonly projectId: string;
      readonly title: string;
      readonly modelSelection: ModelSelection;
      readonly runtimeMode: "full-access";
      readonly interactionMode: "default";
      readonly branch: null;
      readonly worktreePath: null;
      /** No field of T3, which ignores it: it makes each creator's command another one, so that only one can win. */
      readonly claim: string;
    }
  | {
      readonly type: "thread.turn.start";
      readonly threadId: string;
      readonly message: {
        readonly messageId: string;
        readonly role: "user";
        readonly text: string;
        readonly attachments: readonly never[];
      };
      readonly runtimeMode: "full-access";
      readonly interactionMode: "default";
    }
  | { readonly type: "thread.turn.interrupt"; readonly threadId: string; readonly turnId?: string }
  | {
      readonly type: "thread.session.stop" | "thread.archive" | "thread.settle" | "thread.delete";
      readonly threadId: string;
    };

export type Command = CommandBody & { readonly commandId: string; readonly createdAt: string };

/** What the parts of this executor share. */
export interface T3Context {
  readonly client: T3Client;
  readonly deps: AdapterDeps;
  readonly model: ModelSelection;
  /** Where people see threads, without a slash at the end. */
  readonly publicUrl: string;
}

/** A turn that no agent took up in this time is lost (DESIGN section 3). */
export const LOST_TURN_MILLISECONDS = 180_000;
const ATTEMPTS = 3;

/** One command in the making; `threadId` is the namespace of its ids. */
export interface Order {
  readonly threadId: string;
  /** Names what is done; an order that must work each time it is given carries its time. */
  readonly step: string;
  readonly body: CommandBody;
}

/** The n-th id of an order (DESIGN section 3): it can never carry two bodies. */
export function commandId(order: Order, attempt: number): string {
  const hash = digest.sha256(canonical(order.body));
  return uuidv5(digest, order.threadId, `${order.step}:${hash}:${attempt}`);
}

/** JSON with its keys in order, so that equal commands have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export type Outcome =
  /** The server took our command. */
  | "accepted"
  /** What the command was to bring about is there, and it is not known who did it. */
  | "there"
  /** There is no sense in trying further. */
  | "stopped"
  | (DispatchAnswer & { readonly kind: "invalid" });

/**
 * Carries an order out: after every answer that is not a clean first 200, and always when an acceptance proves nothing,
 * looks whether what was wanted is there, and only if it is not gives the order again under the next id. Behind a
 * connection that broke, what the order is about may be gone meanwhile, and T3 accepts orders to what is gone.
 * @throws AfkError `transport` when three ids brought nothing about.
 */
export async function carryOut(
  context: T3Context,
  order: Order,
  look: () => Promise<"there" | "absent" | "stopped">,
  proof: "accepted" | "seen" = "accepted",
): Promise<Outcome> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const send = sendingOf(context, order, attempt);
    const first = await send().catch((error: unknown) => broken(context, error));
    if (first === "broken" && (await look()) === "stopped") return "stopped";
    const answer = first === "broken" ? await send() : first;
    if (answer.kind === "invalid") return answer;
    const isAccepted = answer.kind === "accepted";
    if (isAccepted && first !== "broken" && proof === "accepted") return "accepted";
    const seen = await look();
    if (seen === "there") return isAccepted ? "accepted" : "there";
    if (seen === "stopped") return "stopped";
  }
  throw new AfkError(
    "transport",
    `${WHAT} did not carry out ${order.body.type} for ${order.threadId} in ${ATTEMPTS} attempts: its log says why.`,
  );
}

/** Sends an order under its n-th id; a connection that breaks is answered by sending the very same once more. */
export async function post(context: T3Context, order: Order, attempt: number): Promise<DispatchAnswer> {
  const send = sendingOf(context, order, attempt);
  const first = await send().catch((error: unknown) => broken(context, error));
  return first === "broken" ? send() : first;
}

/** Sends one and the same command, however often it is called. */
function sendingOf(
  { client, deps }: T3Context,
  order: Order,
  attempt: number,
): () => Promise<DispatchAnswer> {
  const command = {
    ...order.body,
    commandId: commandId(order, attempt),
    createdAt: new Date(deps.clock.now()).toISOString(),
  };
  return () => client.dispatch(command);
}

/** A connection that broke, while there is time to send again; anything else is thrown on. */
function broken({ deps }: T3Context, error: unknown): "broken" {
  if (!(error instanceof AfkError) || error.kind !== "transport" || deps.signal.aborted) throw error;
  return "broken";
}

/** What it means that a server does not take a command at all. */
export function invalidCommand(order: CommandBody["type"]): AfkError {
  return new AfkError(
    "contract",
    `${WHAT} does not take the command ${order} as afk sends it: its version may be one afk does not know.`,
  );
}

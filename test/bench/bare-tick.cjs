// The least that a quiet tick can be: the same two requests by node:http, at once, parsed, and nothing else.
const { request } = require("node:http");

function ask(url, method, body) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { "content-type": "application/json" } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve(JSON.parse(Buffer.concat(parts).toString("utf8"))));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const [, , origin, question] = process.argv;
const requests = [
  ask(`${origin}/graphql`, "POST", question),
  ask(`${origin}/api/orchestration/shell`, "GET", undefined),
];
Promise.all(requests).then(
  ([tracker, executor]) =>
    process.stdout.write(`${Object.keys(tracker.data).length} ${executor.threads.length}\n`),
  (error) => {
    process.stderr.write(`${error}\n`);
    process.exitCode = 1;
  },
);

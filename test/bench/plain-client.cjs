// What a plain client of the same services does: one list for each repo, one timeline for each issue, sixteen requests at once.
const [, , origin, repos] = process.argv;

async function get(path) {
  return (await fetch(`${origin}${path}`)).json();
}

async function readRepo(index) {
  const found = [];
  for (let page = 1; ; page += 1) {
    const path = `/repos/acme/r${index}/issues?labels=ready-for-agent&per_page=100&page=${page}`;
    const some = await get(path);
    found.push(...some);
    if (some.length < 100)
      return found.map(({ number }) => `/repos/acme/r${index}/issues/${number}/timeline`);
  }
}

async function inTurn(items, work) {
  const queue = items.entries();
  const results = [];
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const [index, item] of queue) results[index] = await work(item);
    }),
  );
  return results;
}

async function main() {
  const all = Array.from({ length: Number(repos) }, (_, index) => index);
  const [lists] = await Promise.all([inTurn(all, readRepo), get("/api/orchestration/shell")]);
  const timelines = await inTurn(lists.flat(), get);
  process.stdout.write(`${timelines.length}\n`);
}

void main();

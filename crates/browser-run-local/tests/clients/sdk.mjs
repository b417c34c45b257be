// Cloudflare's TypeScript SDK, every method of its session API. Prints what it was answered as a JSON object.
// Usage: node sdk.mjs BASE_URL TOKEN PAGE_URL

import Cloudflare from "cloudflare";

const [baseURL, apiToken, url] = process.argv.slice(2);
const { devtools } = new Cloudflare({ baseURL, apiToken, maxRetries: 0 }).browserRendering;
const account = { account_id: "0123456789abcdef0123456789abcdef" };

const created = await devtools.browser.create({ ...account, keep_alive: 600_000, targets: true });
const id = created.sessionId;
const opened = await devtools.browser.targets.create(id, { ...account, url });
const of = { ...account, session_id: id };
const answers = {
  created,
  opened,
  targets: await devtools.browser.targets.list(id, account),
  target: await devtools.browser.targets.get(opened.id, of),
  activated: await devtools.browser.targets.activate(opened.id, of),
  liveView: await devtools.browser.liveView.create(id, { ...account, mode: "tab", targetId: opened.id, expiresInMs: 600_000 }),
  version: await devtools.browser.version(id, account),
  domains: (await devtools.browser.protocol(id, account)).domains.map(({ domain }) => domain),
  sessions: await devtools.session.list(account),
  session: await devtools.session.get(id, account),
  closed: await devtools.browser.targets.close(opened.id, of),
  deleted: await devtools.browser.delete(id, account),
};
answers.after = await devtools.session.list(account);
answers.ended = await devtools.session.get(id, account);
answers.unknown = await devtools.session.get("1909cef7-23e8-4394-bc31-27404bf4348f", account);
answers.gone = await devtools.browser.targets.list(id, account).catch(({ status, message }) => ({ status, message }));
console.log(JSON.stringify(answers));

// Rules that the page's scripts put into style sheets, or take out: rrweb would hear of them in the page's own world only.
// So each of the page's <style> elements is looked at every now and then, and what differs is sent as rrweb would have.

/** Milliseconds from one look to the next. */
const LOOK_EVERY = 500;
/** rrweb's numbers: https://github.com/rrweb-io/rrweb/blob/main/packages/types/src/index.ts */
const FULL_SNAPSHOT = 2, INCREMENTAL = 3, MUTATION = 0, STYLE_SHEET_RULE = 8;

/** What the rules of each sheet are in the recording. */
let recordedRules = new WeakMap();

const rulesOf = (sheet) => Array.from(sheet.cssRules, (rule) => rule.cssText);

const remember = (element) => {
  if (element?.localName === "style" && element.sheet) recordedRules.set(element.sheet, rulesOf(element.sheet));
};

/** An event has just been recorded, perhaps with sheets that are new. */
const rememberSheetsOf = ({ type, data }) => {
  if (type === FULL_SNAPSHOT) document.querySelectorAll("style").forEach(remember);
  if (type !== INCREMENTAL || data.source !== MUTATION) return;
  const ids = [...data.adds.map(({ parentId }) => parentId), ...data.adds.map(({ node }) => node.id)];
  ids.forEach((id) => remember(record.mirror.getNode(id)));
};

/** What makes the old rules the new ones: those in the middle that differ. */
const difference = (before, after) => {
  let start = 0, end = 0;
  const least = Math.min(before.length, after.length);
  while (start < least && before[start] === after[start]) start++;
  while (end < least - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const removes = before.slice(start, before.length - end).map(() => ({ index: start }));
  const adds = after.slice(start, after.length - end).map((rule, index) => ({ rule, index: start + index }));
  return { removes, adds };
};

const look = () => {
  for (const sheet of document.styleSheets) {
    const before = recordedRules.get(sheet);
    if (before?.length === undefined || before.length === sheet.cssRules.length) continue;
    const after = rulesOf(sheet);
    recordedRules.set(sheet, after);
    const data = { source: STYLE_SHEET_RULE, id: record.mirror.getId(sheet.ownerNode), ...difference(before, after) };
    send({ type: INCREMENTAL, data, timestamp: Date.now() });
  }
  setTimeout(() => requestIdleCallback(look), LOOK_EVERY);
};

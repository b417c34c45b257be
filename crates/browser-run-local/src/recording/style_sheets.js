// Rules that the page's scripts put into style sheets, or take out, and sheets that they adopt: rrweb would hear of them in the
// page's own world only. So what rrweb observes is looked at every now and then, and what differs is sent as rrweb would have.

/** Milliseconds from one look to the next. */
const LOOK_EVERY = 500;
/** rrweb's numbers: https://github.com/rrweb-io/rrweb/blob/main/packages/types/src/index.ts */
const INCREMENTAL = 3, MUTATION = 0, STYLE_SHEET_RULE = 8, ADOPTED_STYLE_SHEET = 15;

/** The documents and shadow roots that rrweb observes, weakly. */
let roots = [];
/** What the rules of each sheet of a <style> element are in the recording. */
const recordedRules = new WeakMap();
/** The marks of the sheets that each root has adopted in the recording. */
const recordedMarks = new WeakMap();
/** The number of the next adopted sheet; rrweb counts from 1. */
let nextSheet = 1_000_000;

const rulesOf = (sheet) => Array.from(sheet.cssRules, (rule) => rule.cssText);

const remember = (element) => {
  if (element?.localName === "style" && element.sheet) recordedRules.set(element.sheet, rulesOf(element.sheet));
};

/** What tells adopted sheets from others, without a look at each rule: one that is replaced has other rules. */
const marksOf = (root) =>
  Array.from(root.adoptedStyleSheets, (sheet) => [sheet, sheet.cssRules.length, sheet.cssRules[0]]).flat();

/** rrweb has recorded what this root is now. */
const watchSheetsOf = (root) => {
  roots.push(new WeakRef(root));
  root.querySelectorAll("style").forEach(remember);
  recordedMarks.set(root, marksOf(root));
};

/** An event has just been recorded, perhaps with sheets that are new. */
const rememberSheetsOf = ({ type, data }) => {
  if (type !== INCREMENTAL || data.source !== MUTATION) return;
  const ids = [...data.adds.map(({ parentId }) => parentId), ...data.adds.map(({ node }) => node.id)];
  ids.forEach((id) => remember(record.mirror.getNode(id)));
};

const sendChange = (source, node, data) => {
  send({ type: INCREMENTAL, data: { source, id: record.mirror.getId(node), ...data }, timestamp: Date.now() });
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

const lookAtRules = (root) => {
  for (const sheet of root.styleSheets) {
    const before = recordedRules.get(sheet);
    if (!before || before.length === sheet.cssRules.length) continue;
    const after = rulesOf(sheet);
    recordedRules.set(sheet, after);
    sendChange(STYLE_SHEET_RULE, sheet.ownerNode, difference(before, after));
  }
};

const lookAtAdopted = (root) => {
  const before = recordedMarks.get(root), after = marksOf(root);
  if (before.length === after.length && before.every((mark, index) => mark === after[index])) return;
  recordedMarks.set(root, after);
  const styles = Array.from(root.adoptedStyleSheets, (sheet) => {
    return { styleId: nextSheet++, rules: rulesOf(sheet).map((rule, index) => ({ rule, index })) };
  });
  sendChange(ADOPTED_STYLE_SHEET, root.host ?? root, { styleIds: styles.map(({ styleId }) => styleId), styles });
};

const look = () => {
  roots = roots.filter((root) => root.deref());
  for (const root of roots.map((root) => root.deref())) {
    lookAtRules(root);
    lookAtAdopted(root);
  }
  setTimeout(() => requestIdleCallback(look), LOOK_EVERY);
};

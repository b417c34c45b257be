// Over Chromium's front end, which shows no dialogs of the page: they would block the page for everybody.

import { dialogs } from "/ui/dialogs.js";
import { PageEvents } from "/ui/page_events.js";

/** The front end is given the page's address as it is, unencoded: nothing may be decoded in it. */
const socket = location.search.match(/[?&]wss?=([^&]+)/)?.[1];
const target = socket?.match(/\/page\/([^?]+)/)?.[1];

if (target) {
  const show = dialogs((...given) => events.answer(...given));
  const events = new PageEvents(socket, ({ pages, readOnly }) => {
    show(target, pages.find((page) => page.targetId === target)?.dialog, readOnly);
  });
}

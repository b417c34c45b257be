// Chromium's front end names its page after the one it inspects: a read-only view says so in front of that.

const PREFIX = "READ ONLY - ";

function mark() {
  if (!document.title.startsWith(PREFIX)) document.title = PREFIX + document.title;
}

mark();
new MutationObserver(mark).observe(document, { subtree: true, childList: true, characterData: true });

// Puts what was copied or cut in the page into the viewer's clipboard.

export async function putIntoClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // There is no such thing on plain http, but on this machine.
    copyByCommand(text);
  }
}

function copyByCommand(text) {
  const put = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData.setData("text/plain", text);
  };
  addEventListener("copy", put, { capture: true, once: true });
  document.execCommand("copy");
  removeEventListener("copy", put, { capture: true });
}

// The address bar of full mode.

/** `{url}` of what somebody typed, or `{problem}`: what is wrong with it. */
export function read(typed) {
  const text = typed.trim();
  if (!text) return { problem: "Type an address, such as example.com." };
  const url = absolute(text);
  const isWords = /\s/.test(text) && !/^[a-z][a-z0-9+.-]*:/i.test(text);
  const wrong = `“${text}” is no address`;
  if (isWords) return { problem: `${wrong}, and nothing is searched for here. Type one such as example.com.` };
  if (!URL.canParse(url)) return { problem: `${wrong}. Type one such as example.com.` };
  return { url };
}

function absolute(text) {
  if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text)) return text;
  const local = /^(localhost|\d+\.\d+\.\d+\.\d+|\[)/i.test(text);
  return `${local ? "http" : "https"}://${text}`;
}

/** `navigate(url)` answers what Chromium says about it: its `errorText`, if it could not be opened. */
export function addressBar({ form, field, problem }, navigate, focusPage) {
  const complain = (text) => {
    problem.textContent = text ?? "";
    problem.hidden = !text;
    field.ariaInvalid = String(Boolean(text));
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { url, problem: wrong } = read(field.value);
    complain(wrong);
    if (wrong) return;
    focusPage();
    const said = await navigate(url);
    // A download is no error.
    if (said && said !== "net::ERR_ABORTED") complain(`This could not be opened: ${said}`);
  });
  field.addEventListener("input", () => complain());
}

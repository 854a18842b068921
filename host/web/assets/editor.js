// The page editor. The form works without this; with it, what is typed is shown as it will look.
//
// On the form:    data-preview-url="…"        where its fields are posted for the preview: answers with safe HTML
//                 data-preview-failed="…"     said in the status when no preview comes
//                 data-unsaved                the browser asks before unsaved changes are left behind
// In the page:    [data-preview-pane]         takes the HTML
//                 [data-preview-status]       (role=status) says when the preview could not be made
// A textarea:     [data-preview-source]       where insertions go
// A button:       data-insert="text"          puts the text where the cursor is. `{selection}` in it stands for what is selected,
//                                             `\n` for a new line

const PAUSE = 350;

for (const form of document.querySelectorAll("form[data-preview-url]")) livePreview(form);
for (const form of document.querySelectorAll("form[data-unsaved]")) askBeforeLeaving(form);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-insert]");
  if (button) insert(button);
});

function livePreview(form) {
  const pane = document.querySelector("[data-preview-pane]");
  const status = document.querySelector("[data-preview-status]");
  if (!pane) return;
  let timer;
  let running;

  async function show() {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    pane.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.previewUrl, { method: "POST", body: fields, headers: { accept: "text/html" }, signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (signal.aborted) return;
      pane.innerHTML = html;
      if (status) status.textContent = "";
    } catch (error) {
      if (error.name === "AbortError") return;
      if (status) status.textContent = form.dataset.previewFailed ?? "";
    }
    pane.removeAttribute("aria-busy");
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  show();
}

function askBeforeLeaving(form) {
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  // Any form of the page that is sent takes the reader away on purpose, but only its own saves the text.
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

function insert(button) {
  const source = document.querySelector(button.dataset.insertInto ?? "textarea[data-preview-source]");
  if (!source) return;
  const { selectionStart: start, selectionEnd: end, value } = source;
  const selected = value.slice(start, end);
  const pattern = button.dataset.insert.replaceAll("\\n", "\n");
  const text = pattern.replaceAll("{selection}", () => selected);
  source.focus();
  source.setRangeText(text, start, end, "end");
  // With nothing selected, the cursor goes where the selection would have been.
  const gap = pattern.indexOf("{selection}");
  if (gap >= 0 && selected === "") source.setSelectionRange(start + gap, start + gap);
  source.dispatchEvent(new Event("input", { bubbles: true }));
}

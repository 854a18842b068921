// Small comforts on every page, of the site and of the staff area. Everything works without them.
//
// data-confirm="question" on a form or one of its buttons: asks before the form is sent.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, { capture: true });

// A second click while the answer is under way sends nothing more. The browser's back button brings the form back ready.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Escape, or a click beside it, closes an open menu; focus goes back to its button.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector(":is(.site-menu, .admin-menu)[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary")?.focus();
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(":is(.site-menu, .admin-menu)[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

// data-live="token" on a part of the page (the host writes it): the part is replaced when it looks different. Where
// somebody is writing in it, a button (its text is data-live-new) offers that instead. While the page is hidden nothing is
// asked; the token says what is shown, so nothing is missed.
{
  let source = null;
  let timer = 0;
  let wait = 1000;

  const isWritten = (field) => field.type !== "hidden" && field.defaultValue !== undefined && field.value !== field.defaultValue;

  const isBusy = (part) => {
    const focused = document.activeElement;
    const inField = part.contains(focused) && focused.matches("input, textarea, select");
    return inField || [...part.querySelectorAll("input, textarea")].some(isWritten);
  };

  const show = (part, news) => {
    if (part.previousElementSibling?.matches("button[data-live-button]")) part.previousElementSibling.remove();
    part.dataset.live = news.token;
    part.innerHTML = news.html;
  };

  const offer = (part, news) => {
    let button = part.previousElementSibling;
    if (!button?.matches("button[data-live-button]")) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "button button-quiet button-small";
      button.dataset.liveButton = "";
      button.textContent = part.dataset.liveNew;
      part.before(button);
    }
    button.onclick = () => show(part, news);
  };

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };

  const open = () => {
    close();
    const parts = [...document.querySelectorAll("[data-live]")].slice(0, 20);
    if (document.hidden || parts.length === 0) return;
    const query = new URLSearchParams({ at: location.pathname + location.search });
    for (const part of parts) query.append("region", part.dataset.live);
    source = new EventSource(`/live?${query}`);
    source.addEventListener("open", () => { wait = 1000; });
    source.addEventListener("news", (event) => {
      for (const news of JSON.parse(event.data)) {
        const part = parts.find((part) => part.dataset.live.startsWith(`${news.name}.`));
        if (part) (isBusy(part) ? offer : show)(part, news);
      }
    });
    source.addEventListener("over", () => {
      close();
      for (const part of parts) delete part.dataset.live;
    });
    source.addEventListener("error", () => {
      close();
      timer = setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, 60000);
    });
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
}

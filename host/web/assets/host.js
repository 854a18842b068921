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

// Plan day, Repair, Absence, Undo: dialogs that come from the service, opened, focused and closed.

const dialogs = document.getElementById("dialogs");
let opener;

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-tool]");
  if (button) opener = button;
  event.target.closest?.("[data-close]")?.closest("dialog")?.close();
});

document.addEventListener("htmx:configRequest", (event) => {
  const day = document.querySelector("main [data-date], main[data-date]")?.dataset.date;
  if (day && event.detail.elt.matches?.("[data-tool]")) event.detail.parameters.set?.("date", day);
});

document.addEventListener("htmx:beforeRequest", () => {
  const line = document.getElementById("planning-refusal");
  if (line) line.textContent = "";
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === dialogs) open(dialogs.querySelector("dialog#planning"));
  else if (detail.target.id === "planning-body") detail.target.querySelector("[data-focus]")?.focus();
});

function open(dialog) {
  if (!dialog) return;
  dialog.addEventListener("close", () => {
    dialog.remove(); // with it ends what it still asks for
    opener?.focus();
  });
  dialog.showModal();
  dialog.querySelector("h2")?.focus();
}

// Forms stay as they were typed when they are refused, and say at each field what is wrong with it.

const LINE = document.getElementById("refusal");

/** Send a form; lead on where it was carried out, else show what was refused. */
async function send(form) {
  const buttons = form.querySelectorAll("button");
  buttons.forEach((one) => { one.disabled = true; });
  clear(form);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "HX-Request": "true", "HX-Current-URL": location.href },
    });
    const to = answer.headers.get("HX-Redirect");
    if (to) location.assign(to);
    else if (answer.headers.get("HX-Retarget")) refuse(form, await answer.text());
    else form.submit();
  } catch {
    form.submit(); // without a connection the browser says so itself
  } finally {
    buttons.forEach((one) => { one.disabled = false; });
  }
}

/** Take away what was wrong the last time. */
function clear(form) {
  LINE.textContent = "";
  form.querySelectorAll(".fault").forEach((one) => one.remove());
  form.querySelectorAll("[aria-invalid]").forEach((one) => {
    one.removeAttribute("aria-invalid");
    describe(one, one.dataset.hint ?? "");
  });
}

/** Show the refusal in its line, and at each field what is to be written there instead. */
function refuse(form, told) {
  const parts = new DOMParser().parseFromString(told, "text/html").body;
  const faults = [...parts.querySelectorAll(".field")];
  faults.forEach((one) => mark(form, one));
  LINE.replaceChildren(...parts.childNodes);
  const first = form.querySelector("[aria-invalid]") ?? form.querySelector("button");
  first?.focus();
  LINE.scrollIntoView({ block: "nearest" });
}

function mark(form, fault) {
  const field = form.elements[fault.dataset.field.split(".")[0]];
  const control = field instanceof RadioNodeList ? field[0] : field;
  if (!control || control.type === "hidden") return;
  const own = control.dataset.fault ?? control.closest("[data-fault]")?.dataset.fault;
  fault.textContent = own ?? fault.textContent;
  const said = document.createElement("p");
  said.className = "fault bad";
  said.id = `fault-${control.id || control.name}`;
  said.textContent = fault.textContent;
  control.setAttribute("aria-invalid", "true");
  control.dataset.hint = control.getAttribute("aria-describedby") ?? "";
  describe(control, `${said.id} ${control.dataset.hint}`.trim());
  (control.closest("fieldset") ?? control).after(said);
}

function describe(control, by) {
  if (by) control.setAttribute("aria-describedby", by);
  else control.removeAttribute("aria-describedby");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.closest("main") && form.getAttribute("role") !== "search") {
    event.preventDefault();
    send(form);
  }
});

// Forms that no queue keeps: without a connection they are shut, and say so.

function show() {
  for (const form of document.querySelectorAll("form[data-connected]")) {
    form.querySelector("button").disabled = !navigator.onLine;
    form.querySelector(".unconnected").hidden = navigator.onLine;
  }
}

addEventListener("online", show);
addEventListener("offline", show);
show();

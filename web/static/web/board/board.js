document.addEventListener("click", (event) => {
  const visit = event.target.closest(".visit");
  if (!visit) return;
  const detail = { visit: visit.dataset.visit };
  document.dispatchEvent(new CustomEvent("visit:chosen", { detail }));
});
document.addEventListener("board:refresh", async () => {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("day").replaceWith(page.getElementById("day"));
  document.dispatchEvent(new CustomEvent("board:refreshed"));
});

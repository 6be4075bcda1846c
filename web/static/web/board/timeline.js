// Puts everything that has a beginning and an end in its place on the axis of time.

const HOUR_MS = 3_600_000;

/** Place what stands in `changed`, and the line that says what time it is. */
export function place(day, changed) {
  const from = Date.parse(day.dataset.start);
  const span = Date.parse(day.dataset.end) - from;
  const at = (time) => (Date.parse(time) - from) / span;
  const timeline = day.querySelector("#timeline");
  timeline.style.setProperty("--hours", span / HOUR_MS);
  for (const part of changed) {
    for (const one of part.querySelectorAll(":is(.track, .hours) [data-start]")) {
      const start = Math.max(0, at(one.dataset.start));
      one.style.left = `${start * 100}%`;
      if (one.dataset.end) {
        one.style.width = `${Math.max(0, Math.min(1, at(one.dataset.end)) - start) * 100}%`;
      }
    }
  }
  const now = at(day.dataset.now);
  timeline.classList.toggle("has-now", now >= 0 && now <= 1);
  timeline.style.setProperty("--now", now);
  timeline.querySelector(".axis").dataset.clock = day.dataset.clock;
}

/** The visits of a row as they follow each other. */
export const visitsOf = (row) => [...row.querySelectorAll(".visit")];

/** The visit of the row whose middle is nearest to the middle of another. */
export function nearest(row, other) {
  const middle = ({ dataset }) => Date.parse(dataset.start) + Date.parse(dataset.end);
  const away = (visit) => Math.abs(middle(visit) - middle(other));
  return visitsOf(row).reduce((best, one) => (best && away(best) <= away(one) ? best : one), null);
}

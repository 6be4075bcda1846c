// What a form of a step says, as the data of its event; and back, as a line for people.

const READERS = {
  flag: (inputs) => picked(inputs)[0] === "yes",
  codes: (inputs) => picked(inputs),
  one: (inputs) => picked(inputs)[0],
  minutes: (inputs) => Number(picked(inputs)[0]),
  number: ([input], { per }) => (input.value === "" ? null : Math.round(input.value * per)),
  words: ([input]) => input.value.trim() || null,
};

const fields = (form) => [...form.querySelectorAll(".field")];
const inputs = (field) => [...field.querySelectorAll("input, select, textarea")];
const picked = (boxes) => boxes.filter(({ checked }) => checked).map(({ value }) => value);
const textOf = (box) => box.closest("label").textContent.trim();

/** The data of the event; what was left out is not in it. */
export function dataOf(form) {
  const read = fields(form).map((field) => {
    const { name, kind } = field.dataset;
    return [name, READERS[kind](inputs(field), field.dataset)];
  });
  return Object.fromEntries(read.filter(([, value]) => value !== null && value !== undefined));
}

/** Whether the data says no somewhere: to a question, to going on, to one of the things asked for. */
export const saysNo = (form, data) => fields(form).some((field) => {
  const { name, kind } = field.dataset;
  if (kind === "codes") return (data[name] ?? []).length < inputs(field).length;
  return data[name] === false || data[name] === "no_go";
});

/** The data in a line, in the words of the form. */
export function summaryOf(form, data) {
  const parts = fields(form).map((field) => summary(field, data[field.dataset.name]));
  return parts.filter(Boolean).join(" · ");
}

function summary(field, value) {
  if (value === undefined || value === null) return "";
  const { kind, per, unit } = field.dataset;
  const boxes = inputs(field);
  if (kind === "number") return `${value / per}${per > 1 ? ` ${unit}` : ""}`;
  if (kind === "codes") return `${value.length}/${boxes.length}`;
  if (kind === "words") {
    const option = boxes[0].options && [...boxes[0].options].find((one) => one.value === value);
    return option ? option.textContent : value;
  }
  const key = kind === "flag" ? (value ? "yes" : "no") : String(value);
  const box = boxes.find((one) => one.value === key);
  return box ? textOf(box) : key;
}

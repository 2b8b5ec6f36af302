// Filters the table while typing and counts what is ticked. Without it the Search button does the same by a request.
"use strict";

const box = document.getElementById("q");
const rows = [...document.querySelectorAll("tbody tr[data-text]")];
const count = document.getElementById("count");
const chosen = document.getElementById("chosen");

function filter() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    row.hidden = !words.every((word) => row.dataset.text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  count.textContent = `${shown} of ${rows.length} records`;
}

function tell() {
  const ticked = rows.filter((row) => row.querySelector("input").checked);
  for (const row of rows) row.classList.toggle("ticked", ticked.includes(row));
  chosen.textContent = ticked.length
    ? `${ticked.length} chosen`
    : "Tick several gauges to take them together.";
}

// A table that the server has searched holds only the matches: clearing the box must ask for the rest.
const searched = new URLSearchParams(location.search).get("q");
if (rows.length && !searched) box.addEventListener("input", filter);
if (chosen) {
  document.getElementById("choice").addEventListener("change", tell);
  addEventListener("pageshow", tell); // also after going back, when the browser has ticked the boxes again
}

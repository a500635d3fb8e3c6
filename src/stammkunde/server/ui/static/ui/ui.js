// Ways by keyboard and quiet updates. Every page works without this file.
"use strict";

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
let going = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const help = document.getElementById("shortcuts");
  if (going) {
    going = false;
    const place = document.querySelector(`.places a[data-key="${CSS.escape(event.key)}"]`);
    if (place) {
      event.preventDefault();
      place.click();
    }
  } else if (event.key === "g") {
    going = true;
    setTimeout(() => { going = false; }, 1500);
  } else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    event.preventDefault();
    if (search) search.focus();
    else location.assign("/customers/");
  } else if (event.key === "?" && help) {
    event.preventDefault();
    help.showModal();
  }
});

// A request that fails says so, where screen readers hear it.
const told = (text) => {
  const place = document.getElementById("live");
  if (place && place.textContent !== text) place.textContent = text;
};
// What one address did not answer stays said until that address answers: another poll's success is no news of it.
const failing = new Set();
const failed = (word) => (event) => {
  failing.add(event.detail.pathInfo.requestPath);
  told(document.body.dataset[word]);
};
document.addEventListener("htmx:responseError", failed("refused"));
document.addEventListener("htmx:sendError", failed("failed"));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && failing.delete(event.detail.pathInfo.requestPath) && !failing.size) told("");
});

// Where a poll brings nothing new, nothing is exchanged: focus, selection and what is read aloud stay as they are.
const lately = new Map();
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, serverResponse } = event.detail;
  if (!target.id || !(requestConfig.elt.getAttribute("hx-trigger") ?? "").startsWith("every")) return;
  if (lately.get(target.id) === serverResponse) event.detail.shouldSwap = false;
  else lately.set(target.id, serverResponse);
});

// What was made once can be copied with one press.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  const field = document.getElementById(button.dataset.copy);
  navigator.clipboard.writeText(field.value ?? field.textContent).then(() => told(button.dataset.copied));
});

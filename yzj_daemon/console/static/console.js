"use strict";
// Small things that htmx does not do: news from the daemon, dialogs, and telling what went wrong.

(() => {
  const body = document.body;
  const live = document.getElementById("live");
  const toast = document.getElementById("toast");

  // News: that something changed, never what. Parts of a page ask for themselves on "news".
  let stale = false;
  function news() {
    stale = document.hidden;
    if (!stale) htmx.trigger(body, "news");
  }
  document.addEventListener("visibilitychange", () => { if (stale) news(); });

  function say(state) {
    if (!live || live.dataset.state === state) return;
    live.dataset.state = state;
    live.textContent = live.dataset[state];
  }

  let source;
  function listen() {
    source = new EventSource(body.dataset.live);
    source.addEventListener("open", () => { if (live.dataset.state === "off") news(); say("on"); });
    source.addEventListener("error", () => {
      say("off");
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 10000);  // the browser itself gives up
    });
    source.addEventListener("news", news);
    source.addEventListener("over", () => { source.close(); location.reload(); });
  }
  if (body.dataset.live) {
    listen();
    window.addEventListener("pagehide", () => source.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // A button with data-opens opens a dialog, one with data-closes closes it. Escape is the browser's.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-opens], [data-closes]");
    if (!button) return;
    if (button.dataset.opens) document.getElementById(button.dataset.opens).showModal();
    else document.getElementById(button.dataset.closes).close();
  });

  // A box with data-ticks ticks all boxes of that name.
  document.addEventListener("change", (event) => {
    const name = event.target.dataset.ticks;
    if (!name) return;
    for (const box of document.getElementsByName(name)) box.checked = event.target.checked;
  });

  // What htmx could not do is told in the answer's own words, which are HTML.
  const plain = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.trim();
  let hiding;
  function tell(text) {
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => { toast.hidden = true; }, 8000);
  }
  body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 401) tell(plain(event.detail.xhr.responseText));
  });
  body.addEventListener("htmx:sendError", () => say("off"));
})();

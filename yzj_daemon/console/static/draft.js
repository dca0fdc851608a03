"use strict";
// The editor of rule files: a plain textarea over its own coloured text, with marks where the daemon found mistakes.

(() => {
  const form = document.getElementById("draft");
  if (!form) return;
  const editor = form.querySelector(".editor");
  const area = editor.querySelector("textarea");
  const code = editor.querySelector(".under code");
  const under = editor.querySelector(".under");
  const gutter = editor.querySelector(".gutter");
  const begun = "unsaved" in form.dataset ? null : area.value;
  let leaving = false;
  let marks = [];

  // Colours and line numbers --------------------------------------------------------------------------------------
  let painting = 0;
  function paint() {
    painting = 0;
    toml.paint(code, area.value + "\n");
    number();
    place();
  }
  function soon() { painting ||= requestAnimationFrame(paint); }

  function number() {
    const lines = area.value.split("\n").length;
    while (gutter.childElementCount > lines) gutter.lastChild.remove();
    while (gutter.childElementCount < lines) {
      const line = document.createElement("div");
      line.textContent = gutter.childElementCount + 1;
      gutter.append(line);
    }
  }

  function follow() {
    under.scrollTop = gutter.scrollTop = area.scrollTop;
    under.scrollLeft = area.scrollLeft;
  }

  // Marks: a wave under what is wrong, its words behind the line, a colour in the gutter --------------------------
  function offset(line, column) {
    const text = area.value;
    let at = 0;
    for (let number = 1; number < line; number += 1) {
      const next = text.indexOf("\n", at);
      if (next < 0) return text.length;
      at = next + 1;
    }
    return Math.min(at + [...text.slice(at).split("\n", 1)[0]].slice(0, column - 1).join("").length, text.length);
  }

  function range(start, end) {
    const found = document.createRange();
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    let past = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = node.data.length;
      if (past <= start && start <= past + length) found.setStart(node, start - past);
      if (past <= end && end <= past + length) { found.setEnd(node, end - past); return found; }
      past += length;
    }
    return null;
  }

  function place() {
    under.querySelectorAll(".wave, .told").forEach((old) => old.remove());
    for (const line of gutter.children) line.className = "";
    const sheet = under.getBoundingClientRect();
    const told = new Set();
    for (const mark of marks) {
      const start = offset(mark.line, mark.column);
      const lineEnd = area.value.indexOf("\n", start);
      const end = lineEnd < 0 ? area.value.length : lineEnd;
      const box = range(start, end)?.getBoundingClientRect();
      if (!box) continue;
      const number = gutter.children[mark.line - 1];
      if (number && number.className !== "bad") number.className = mark.tone;
      const top = box.top - sheet.top + under.scrollTop;
      const left = box.left - sheet.left + under.scrollLeft;
      put("wave", mark, "", top, left, Math.max(box.width, 8), box.height);
      if (!told.has(mark.line)) put("told", mark, mark.text, top, left + box.width + 16);
      told.add(mark.line);
    }
  }

  function put(kind, mark, text, top, left, width, height) {
    const made = document.createElement("span");
    made.className = `${kind} ${mark.tone}`;
    made.textContent = text;
    made.style.top = `${top}px`;
    made.style.left = `${left}px`;
    if (width) made.style.width = `${width}px`;
    if (height) made.style.height = `${height}px`;
    under.append(made);
  }

  function read() {
    marks = [...document.querySelectorAll("#checked [data-line]")].map((row) => ({
      line: Number(row.dataset.line),
      column: Number(row.dataset.column),
      tone: row.dataset.level === "error" ? "bad" : "doubt",
      text: row.querySelector(".said").textContent,
    }));
    area.setAttribute("aria-invalid", String(marks.some((mark) => mark.tone === "bad")));
    place();
  }

  // Going there ---------------------------------------------------------------------------------------------------
  function go(line, column) {
    const at = offset(line, column || 1);
    area.focus();
    area.setSelectionRange(at, at);
    const top = (line - 1) * area.scrollHeight / Math.max(area.value.split("\n").length, 1);
    const seen = area.scrollTop <= top && top < area.scrollTop + area.clientHeight * 0.9;
    if (!seen) area.scrollTop = Math.max(0, top - area.clientHeight / 4);
    area.scrollLeft = 0;
    follow();
  }

  area.addEventListener("input", soon);
  area.addEventListener("scroll", follow, { passive: true });
  new ResizeObserver(follow).observe(area);
  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "checked") read(); });
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-jumps]")?.closest("[data-line]");
    if (row) go(Number(row.dataset.line), Number(row.dataset.column));
  });
  // Leaving: what was written is not lost by a slip. Downloading leaves nothing.
  form.addEventListener("submit", (event) => { leaving = !event.submitter?.matches("[data-stays]"); });
  window.addEventListener("beforeunload", (event) => { if (!leaving && area.value !== begun) event.preventDefault(); });

  paint();
  follow();
  const line = Number(editor.dataset.line);
  if (line) { go(line); area.blur(); }
})();

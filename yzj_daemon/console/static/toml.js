"use strict";
// Colours for TOML: a text into pieces, each with what it is. What it does not know stays plain.

const toml = (() => {
  const MOST = 200000;  // characters; a longer text stays plain, so that typing stays quick
  const PIECE = new RegExp([
    /(?<comment>#[^\n]*)/,
    /(?<head>^[ \t]*\[\[?[^\]\n#]*\]\]?)/,
    /(?<key>(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]+)(?=[ \t]*(?:=|\.[ \t]*[\w"'-]+[ \t]*=)))/,
    /(?<string>"""[^]*?(?:"""|$(?![^]))|'''[^]*?(?:'''|$(?![^]))|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?)/,
    /(?<value>\b(?:true|false)\b|[+-]?\d[\w.:+-]*)/,
  ].map((part) => part.source).join("|"), "gm");

  function pieces(text) {
    if (text.length > MOST) return [["", text]];
    const found = [];
    let past = 0;
    for (const match of text.matchAll(PIECE)) {
      if (match.index > past) found.push(["", text.slice(past, match.index)]);
      const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
      found.push([kind, match[0]]);
      past = match.index + match[0].length;
    }
    found.push(["", text.slice(past)]);
    return found;
  }

  function paint(code, text) {
    const painted = document.createDocumentFragment();
    for (const [kind, piece] of pieces(text)) {
      if (!kind) { painted.append(piece); continue; }
      const span = document.createElement("span");
      span.className = `t-${kind}`;
      span.textContent = piece;
      painted.append(span);
    }
    code.replaceChildren(painted);
  }

  document.querySelectorAll("pre.toml:not(.under) > code").forEach((code) => paint(code, code.textContent));
  return { paint };
})();

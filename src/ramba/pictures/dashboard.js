"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";
  const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  function child(parent, n, tag) {
    while (parent.children.length <= n) parent.append(document.createElement(tag));
    return parent.children[n];
  }
  function curve(cell, values) {
    let picture = cell.querySelector("svg");
    if (!picture) {
      picture = document.createElementNS(SVG, "svg");
      for (const [name, value] of [["viewBox", "0 0 160 30"], ["width", 160], ["height", 30], ["aria-hidden", "true"]])
        picture.setAttribute(name, value);
      picture.append(document.createElementNS(SVG, "path"));
      picture.firstChild.setAttribute("class", "memory");
      cell.replaceChildren(picture);
    }
    const most = Math.max(1, ...values), step = 160 / Math.max(values.length - 1, 1);
    const points = values.map((value, n) => `L${(n * step).toFixed(1)} ${(30 - (28 * value) / most).toFixed(1)}`);
    picture.firstChild.setAttribute("d", values.length ? `M0 30${points.join("")}V30z` : "");
  }
  // rows are changed in their places: what somebody has marked, or goes through by keyboard, stays
  function fill(id, rows, numbers = []) {
    const body = at(id).querySelector("tbody");
    rows.forEach((cells, n) => {
      const line = child(body, n, "tr");
      cells.forEach((content, m) => {
        const cell = child(line, m, "td");
        cell.className = numbers.includes(m) ? "number" : content === "lost" ? "lost" : "";
        if (Array.isArray(content)) curve(cell, content);
        else set(cell, String(content));
      });
    });
    while (body.children.length > rows.length) body.lastChild.remove();
  }
  async function show() {
    try {
      const answer = await fetch("state"), state = await answer.json();
      set(at("head"), `${state.seconds.toFixed(0)} s since it was opened; memory: ${state.free}`);
      if (state.program) set(at("program"), document.title = `Ramba: ${state.program}`);
      set(at("doing"), state.planned ? `${state.doing}: kernel ${state.done} of ${state.planned}` : state.doing);
      at("progress").max = Math.max(state.planned, 1);
      at("progress").value = state.done;
      fill("members", state.members.map((m) => [m.name, m.state, m.memory, m.kernels.toLocaleString("en"), m.time,
        m.compiled, m.sent, m.curve]), [2, 3, 4, 5, 6]);
      fill("recent", state.recent.map((r) => [r.member, r.what, r.runs.toLocaleString("en"), r.took]), [2, 3]);
      fill("arrays", state.arrays.map((a) => [a.name, a.is, a.state, a.blocks.join("; ")]));
    } catch {
      set(at("head"), "The program does not answer: it has ended, or closed its dashboard.");
    }
    setTimeout(show, 500);
  }
  show();
})();

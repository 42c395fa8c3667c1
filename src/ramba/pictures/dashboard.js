"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  function row(...cells) {
    const made = document.createElement("tr");
    for (const cell of cells) {
      const td = document.createElement("td");
      if (cell instanceof Node) td.append(cell);
      else td.textContent = String(cell.text ?? cell);
      if (cell.number) td.className = "number";
      made.append(td);
    }
    return made;
  }
  const number = (text) => ({ text, number: true });
  function curve(values) {
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const most = Math.max(1, ...values), step = 160 / Math.max(values.length - 1, 1);
    picture.setAttribute("viewBox", "0 0 160 30");
    picture.setAttribute("width", "160");
    picture.setAttribute("height", "30");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const points = values.map((value, n) => `L${(n * step).toFixed(1)} ${(30 - (28 * value) / most).toFixed(1)}`);
    path.setAttribute("d", `M0 30${points.join("")}L${((values.length - 1) * step).toFixed(1)} 30z`);
    path.setAttribute("class", "memory");
    if (values.length) picture.append(path);
    return picture;
  }
  const fill = (id, rows) => at(id).querySelector("tbody").replaceChildren(...rows);
  async function show() {
    try {
      const answer = await fetch("state"), state = await answer.json();
      at("head").textContent = `${state.seconds.toFixed(0)} s; ${state.free}`;
      at("doing").textContent = state.planned ? `${state.doing}: kernel ${state.done} of ${state.planned}` : state.doing;
      at("progress").max = Math.max(state.planned, 1);
      at("progress").value = state.done;
      fill("members", state.members.map((m) => row(m.name, m.state === "lost" ? "LOST" : m.state, m.memory, curve(m.curve),
        number(m.kernels), number(m.time), number(m.compiled), number(m.sent))));
      fill("recent", state.recent.map((r) => row(r.member, r.what, number(r.took))));
      fill("arrays", state.arrays.map((a) => row(a.name, a.is, a.state, a.blocks.join("; "))));
    } catch {
      at("head").textContent = "The program does not answer: it has ended, or closed its dashboard.";
    }
    setTimeout(show, 500);
  }
  show();
})();

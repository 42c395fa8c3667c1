"use strict";
(() => {
  const place = document.getElementById("time"), pictures = document.querySelectorAll("svg.time");
  const [first, last] = place.querySelectorAll(".axis span"), total = Number(place.dataset.total), whole = 4000;
  let begin = 0, width = whole;
  function show() {
    width = Math.min(Math.max(width, 1), whole);
    begin = Math.min(Math.max(begin, 0), whole - width);
    for (const picture of pictures) picture.setAttribute("viewBox", `${begin} 0 ${width} ${picture.viewBox.baseVal.height}`);
    first.textContent = `${((begin / whole) * total).toPrecision(4)} s`;
    last.textContent = `${(((begin + width) / whole) * total).toPrecision(4)} s`;
  }
  function zoom(factor, at) { begin += width * at * (1 - factor); width *= factor; show(); }
  place.addEventListener("keydown", (event) => {
    const steps = { "+": () => zoom(0.7, 0.5), "=": () => zoom(0.7, 0.5), "-": () => zoom(1 / 0.7, 0.5),
      ArrowLeft: () => { begin -= width / 5; show(); }, ArrowRight: () => { begin += width / 5; show(); },
      0: () => { begin = 0; width = whole; show(); } };
    if (event.ctrlKey || event.metaKey || event.altKey || !steps[event.key]) return;
    event.preventDefault();
    steps[event.key]();
  });
  place.addEventListener("wheel", (event) => {
    if (document.activeElement !== place) return;
    event.preventDefault();
    const box = pictures[0].getBoundingClientRect();
    zoom(event.deltaY < 0 ? 0.8 : 1.25, Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1));
  }, { passive: false });
})();

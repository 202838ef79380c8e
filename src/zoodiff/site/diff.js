// Steps from difference to difference, details of the row under the pointer or the focus; without it all is readable.
function start(facts) {
  const rows = [...document.querySelectorAll(".row[data-row]")];
  const about = document.getElementById("about");
  const place = document.getElementById("place");

  const numbers = (row) => row.dataset.numbers.split(" ").filter(Boolean);
  const at = (row) => Number(row.dataset.row);
  const marked = (row) => !row.classList.contains("alike");

  // A stop is the first row of a run that one and the same differences mark; where nothing is marked, details are.
  const stops = [];
  for (const wanted of [marked, (row) => numbers(row).length > 0]) {
    if (stops.length) break;
    rows.forEach((row, place) => {
      const before = rows[place - 1];
      if (wanted(row) && !(before && wanted(before) && before.dataset.numbers === row.dataset.numbers)) stops.push(row);
    });
  }
  let current = null;

  function reveal(row) {
    for (let fold = row.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
  }

  function step(by) {
    const next = by > 0
      ? stops.find((stop) => !current || at(stop) > at(current)) ?? stops[0]
      : stops.findLast((stop) => !current || at(stop) < at(current)) ?? stops.at(-1);
    if (!next) return;
    current = next;
    reveal(next);
    choose(numbers(next)[0]);
  }

  function choose(number) {
    const words = document.querySelector(`#d${number} .words`);
    const stop = stops.indexOf(current);
    place.textContent = (stop < 0 ? "" : `${stop + 1} of ${stops.length}: `) + (words ? `#${number} ${words.textContent}` : "");
    const card = document.getElementById("d" + number);
    for (const old of document.querySelectorAll(".chosen")) old.classList.remove("chosen");
    for (const row of document.querySelectorAll(`.row[data-numbers~="${number}"]`)) row.classList.add("chosen");
    card?.classList.add("chosen");
    const cards = document.querySelector(".causes"); // scrolls on its own where it stands beside the networks
    if (card) cards.scrollTop += card.getBoundingClientRect().top - cards.getBoundingClientRect().top - 8;
  }

  // #d3 shows the third difference: its words, and its first place.
  function follow() {
    const difference = /^#d(\d+)$/.exec(location.hash);
    const row = /^#r(\d+)$/.exec(location.hash);
    if (difference) {
      current = rows.find((one) => numbers(one).includes(difference[1])) ?? null;
      if (current) reveal(current);
      choose(difference[1]);
    } else if (row && rows[row[1]]) {
      current = rows[row[1]];
      reveal(current);
    }
  }

  function tell(row) {
    const sides = facts[row.dataset.row].map((pairs) => new Map(pairs));
    const table = document.createElement("table");
    for (const name of new Set(sides.flatMap((side) => [...side.keys()]))) {
      const line = table.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = name;
      line.append(head);
      for (const side of sides) line.insertCell().textContent = side.get(name) ?? (side.size ? "–" : "");
      const both = sides.every((side) => side.size);
      if (both && name !== "tensor" && sides[0].get(name) !== sides[1].get(name)) line.className = "differs";
    }
    const head = document.createElement("p");
    head.textContent = `row ${at(row) + 1} of ${rows.length}` + (row.dataset.follows ? `: its cost follows from #${row.dataset.follows}` : "");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "close";
    close.addEventListener("click", () => { about.hidden = true; });
    head.append(close);
    about.replaceChildren(head, table);
    about.hidden = false;
  }

  function visible() {
    return [...document.querySelectorAll(".rows .row")].filter((row) => row.offsetParent !== null);
  }

  const list = document.querySelector(".rows");
  for (const kind of ["pointerover", "focusin"]) {
    list.addEventListener(kind, (event) => {
      const row = event.target.closest(".row[data-row]");
      if (row) tell(row);
    });
  }
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".row[data-row]");
    if (!row) return;
    current = row;
    if (numbers(row).length) choose(numbers(row)[0]);
  });
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("previous").addEventListener("click", () => step(-1));
  document.getElementById("unfold").addEventListener("click", (event) => {
    const open = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(open));
    for (const fold of document.querySelectorAll(".fold")) fold.open = open;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = document.activeElement.closest(".rows .row");
    if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
    else if (event.key === "Escape") about.hidden = true;
    else if (row && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const all = visible();
      const next = all[all.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { next.focus({ preventScroll: true }); next.scrollIntoView({ block: "nearest" }); current = next; }
      event.preventDefault();
    }
  });
  window.addEventListener("hashchange", () => requestAnimationFrame(follow)); // after the browser's own jump
  if (document.readyState === "complete") requestAnimationFrame(follow);
  else window.addEventListener("load", () => requestAnimationFrame(follow));
}

// In a report the folded rows and all facts are packed: together they are a twentieth as large.
async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const [facts, folds] = await new Response(stream).json();
  document.querySelectorAll(".fold").forEach((fold, at) => fold.insertAdjacentHTML("beforeend", folds[at]));
  return facts;
}

const packed = document.getElementById("packed");
if (packed) unpack(packed).then(start);
else start(JSON.parse(document.getElementById("facts").textContent));

// Tables that sort and filter; without this script they are whole, only in their first order.
const text = (node) => node.textContent.trim();

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numeric = head.classList.contains("n");
      const ascending = head.ariaSort ? head.ariaSort === "descending" : !numeric;
      const value = (row) => {
        const cell = row.cells[column];
        const shown = cell.dataset.sort ?? text(cell);
        return numeric ? parseFloat(shown) : shown;
      };
      const sign = ascending ? 1 : -1;
      const compare = (a, b) => {
        if (!numeric) return sign * a.localeCompare(b, "en", { numeric: true });
        return Number.isNaN(a) - Number.isNaN(b) || sign * (a - b) || 0; // what is not known comes last
      };
      const rows = [...table.tBodies[0].rows].map((row) => [value(row), row]);
      table.tBodies[0].append(...rows.sort((a, b) => compare(a[0], b[0])).map(([, row]) => row));
      heads.forEach((other) => (other.ariaSort = null));
      head.ariaSort = ascending ? "ascending" : "descending";
    });
  });
}

const box = document.getElementById("filter");
if (box) {
  const shared = document.getElementById("shared");
  const rows = [...document.querySelectorAll("table.filtered tbody tr")].map((row) => [row, text(row).toLowerCase()]);
  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [row, said] of rows) {
      row.hidden = !words.every((word) => said.includes(word)) || (shared?.checked === true && row.dataset.zoos < 2);
      count += !row.hidden;
    }
    document.getElementById("shown").textContent = `${count} of ${rows.length} rows`;
  };
  const asked = new URLSearchParams(location.search);
  box.value = asked.get("q") ?? "";
  if (shared) shared.checked = asked.has("shared");
  for (const control of [box, shared]) control?.addEventListener("input", show);
  for (const filter of document.querySelectorAll(".filter")) filter.hidden = false;
  show();
}

// A link to what lies in a closed part opens it.
function open() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  for (const part of target.querySelectorAll(":scope > details")) part.open = true;
}
window.addEventListener("hashchange", open);
open();

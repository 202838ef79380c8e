// Headings of sortable tables become buttons; without this script the tables are whole, only in their first order.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numeric = head.classList.contains("n") || table.tBodies[0].rows[0]?.cells[column].dataset.sort !== undefined;
      const ascending = head.ariaSort ? head.ariaSort === "descending" : !numeric;
      const value = (row) => {
        const cell = row.cells[column];
        const text = cell.dataset.sort ?? cell.textContent.trim();
        return numeric ? (Number.isFinite(parseFloat(text)) ? parseFloat(text) : -Infinity) : text;
      };
      const compare = (a, b) => (numeric ? a - b || 0 : a.localeCompare(b));
      const rows = [...table.tBodies[0].rows].sort((a, b) => (ascending ? 1 : -1) * compare(value(a), value(b)));
      table.tBodies[0].append(...rows);
      heads.forEach((other) => (other.ariaSort = null));
      head.ariaSort = ascending ? "ascending" : "descending";
    });
  });
}

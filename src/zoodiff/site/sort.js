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
        return numeric ? parseFloat(text) : text;
      };
      const sign = ascending ? 1 : -1;
      const compare = (a, b) => {
        if (!numeric) return sign * a.localeCompare(b);
        return Number.isNaN(a) - Number.isNaN(b) || sign * (a - b) || 0; // what is not known comes last
      };
      const rows = [...table.tBodies[0].rows].sort((a, b) => compare(value(a), value(b)));
      table.tBodies[0].append(...rows);
      heads.forEach((other) => (other.ariaSort = null));
      head.ariaSort = ascending ? "ascending" : "descending";
    });
  });
}

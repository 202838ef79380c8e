// Each picture becomes a chart to point at; where that fails the picture stays.
const specs = JSON.parse(document.getElementById("specs").textContent);
const options = { renderer: "svg", ast: true, actions: false, defaultStyle: false, loader: { target: "_self" } };
for (const place of document.querySelectorAll("[data-chart]")) {
  const chart = document.createElement("div");
  vegaEmbed(chart, specs[place.dataset.chart], options).then(() => place.replaceChildren(chart), console.warn);
}

"""figures.html: every figure to point at, as a picture (SVG, PNG) and in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoodiff.memory import Drawings
from zoodiff.study import Study
from zoodiff.views import _site, figures

SCRIPT, LICENCES = "vega.js", "vega-licences.txt"


def write(study: Study, folder: Path) -> list[Path]:
    """Write `figures.html`; where figures can be drawn, also the library that draws them, with its licences.

    Without a script the page shows the pictures.
    """
    drawn = [] if figures.missing() else figures.figures(study)
    page = _site.page(
        folder,
        "figures.html",
        "figures.html",
        study,
        figures=drawn,
        no_figures=figures.missing(),
        figures_folder=figures.FOLDER,
        specs={figure.name: interactive(figure.draw().to_dict()) for figure in drawn},
        script=SCRIPT,
    )
    if not drawn:
        return [page]
    library = _site.text(folder / SCRIPT, _library())
    return [page, library, _site.asset(folder, LICENCES), _site.asset(folder, "charts.js")]


def interactive(spec: dict[str, Any]) -> dict[str, Any]:
    """A chart whose marks say what they are and lead to their architecture; the legend picks out, dragging moves."""
    for layer in spec["layer"]:
        if layer["mark"]["type"] != "point":
            continue
        encoding = layer["encoding"]
        values = [("row", "name"), ("model", "model"), ("zoo", "of")]
        shown = [{"field": field, "type": "nominal", "title": title} for field, title in values]
        axes = [{"field": axis, "type": "quantitative", "title": axis, "format": ",.5~g"} for axis in ("x", "y")]
        encoding["tooltip"] = shown + [axis for axis in axes if encoding[axis["field"]]["field"] == axis["field"]]
        encoding["href"] = {"field": "link", "type": "nominal"}
        encoding["opacity"] = {"condition": {"param": "picked", "value": 1}, "value": 0.1}
        layer["params"] = [{"name": "picked", "select": {"type": "point", "fields": ["zoo"]}, "bind": "legend"}]
        for value in layer["data"]["values"]:
            value["link"] = f"architectures/{_site.slug(value['row'])}.html"
    return spec


def _library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; it is put together once and remembered."""
    remembered = Drawings()
    forms = remembered.get(SCRIPT)
    if forms is None:
        import vl_convert

        forms = {"js": vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")}
        remembered.add(SCRIPT, forms)
        remembered.save()
    return forms["js"]

"""The page of the figures: each to point at, as a picture (SVG, PNG) and in words."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from zoodiff.measuring.memory import Drawings
from zoodiff.survey.study import Study
from zoodiff.views import _site
from zoodiff.views._figure import Figure

SCRIPT, LICENCES = "vega.js", "vega-licences.txt"


def page(study: Study, folder: Path, drawn: list[Figure], pictures: str, missing: str) -> list[Path]:
    """Write `figures.html` and the library that draws charts, with its licences; without a script it shows `pictures`.

    `missing`: why there are no figures.
    """
    shown = _site.page(
        folder,
        "figures.html",
        "figures.html",
        study,
        figures=drawn,
        no_figures=missing,
        figures_folder=pictures,
        specs={figure.name: interactive(figure.spec) for figure in drawn},
        script=SCRIPT,
    )
    if not drawn:
        return [shown]
    library = _site.text(folder / SCRIPT, _library())
    return [shown, library, _site.asset(folder, LICENCES), _site.asset(folder, "charts.js")]


def interactive(spec: dict[str, Any]) -> dict[str, Any]:
    """A chart whose marks say what they are and lead to their architecture; the legend picks out, dragging moves."""
    made = deepcopy(spec)
    for layer in made["layer"]:
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
    return made


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

"""Table 1 three times."""

from __future__ import annotations

from zoodiff.survey.editions import table_1
from zoodiff.survey.then import Models


def test_every_cell_has_its_printed_one(models: Models) -> None:
    cells = {(c.zoo, c.metric, c.end): c for c in table_1(models.then("2022-05-01"), models.then(None))}
    assert len(cells) == 4 * 2 * 2
    cell = cells["torchvision", "acc@1", "highest"]
    assert (cell.printed, cell.then) == ("48", "48.1 (13 of 27)")
    assert cell.today != cell.then  # four models have better weights
    assert cells["tfmg", "acc@1", "lowest"].printed == "33"


def test_a_zoo_without_claims_has_an_empty_cell(models: Models) -> None:
    silent = models
    for ref in models.entries:
        if ref.startswith("tfmg:"):
            silent = silent.changed(ref, claims=())
    cells = table_1(silent.then("2022-05-01"), models.then(None))
    assert {cell.then for cell in cells if cell.zoo == "tfmg"} == {""}

"""Figures: the alt text reaches the notebook, and one that says nothing is refused."""

import matplotlib.pyplot as plt
import pytest

from scaleml_course import measure
from scaleml_course.measure.figures import PALETTE, STYLE

ALT = "The loop takes forty times as long as NumPy at a million numbers."


@pytest.fixture(scope="module")
def cells(run_cells):
    return run_cells(
        "import matplotlib.pyplot as plt\nfrom scaleml_course import measure",
        f"fig, ax = plt.subplots()\nax.plot([1, 2], [3, 4])\nmeasure.figure(fig, alt={ALT!r})",
        "plt.get_fignums()",
    )


def test_the_alt_text_is_in_the_outputs_metadata(cells):
    [output] = cells[1].outputs
    assert output.metadata["image/png"]["alt"] == ALT


def test_a_figure_is_shown_once_and_closed(cells):
    assert len([one for one in cells[1].outputs if "image/png" in one.get("data", {})]) == 1
    assert cells[2].outputs[0].data["text/plain"] == "[]"


@pytest.mark.parametrize("alt", ["", "Bar chart", "A chart of times"])
def test_alt_text_without_a_finding_is_refused(alt):
    fig, _ = plt.subplots()
    with pytest.raises(ValueError, match="says too little: put the figure's finding in a sentence"):
        measure.figure(fig, alt=alt)
    plt.close(fig)


def test_the_palette_is_told_apart_by_colour_and_by_marker():
    cycle = list(STYLE["axes.prop_cycle"])
    assert len({entry["color"] for entry in cycle}) == len({entry["marker"] for entry in cycle}) == len(PALETTE)


def test_figure_is_the_only_name_that_waits_for_matplotlib():
    assert "figure" in measure.__all__ and callable(measure.figure)
    with pytest.raises(AttributeError, match="has no attribute 'figur'"):
        _ = measure.figur

"""Claims: a sentence is shown, its bound is checked, and its record stays in the notebook."""

import json

import numpy as np
import pytest

from scaleml_course.measure import ClaimFailed, Estimate, claim
from scaleml_course.measure.claims import MIME_TYPE


def test_a_claim_that_holds_is_shown_with_its_numbers(capsys):
    made = claim(
        "99.fast",
        "It is {value:.1f} ({low:.0f} to {high:.0f}) times {what}.",
        Estimate(4.25, 3, 5),
        at_least=2,
        what="faster",
    )
    assert made.sentence == "It is 4.2 (3 to 5) times faster." and made.checked and made.holds
    assert capsys.readouterr().out.strip() == made.sentence


def test_a_claim_that_fails_names_itself_the_bound_and_the_sentence():
    with pytest.raises(ClaimFailed) as failed:
        claim("99.fast", "It is {value:.1f} times as fast.", Estimate(1.5, 1.2, 1.9), at_least=2, unit="times")
    for words in (
        "'99.fast'",
        "measured 1.5",
        "interval 1.2 to 1.9",
        "at least 2 times",
        "It is 1.5 times as fast.",
    ):
        assert words in str(failed.value)


@pytest.mark.parametrize(
    ("value", "bounds", "holds"),
    [
        (2, {"at_least": 2}, True),
        (2, {"at_most": 2}, True),
        (3, {"at_least": 1, "at_most": 2}, False),
        (0.5, {"at_least": 1, "at_most": 2}, False),
        (float("nan"), {"at_least": -1e9}, False),
    ],
)
def test_the_bound(value, bounds, holds):
    if holds:
        assert claim("99.x", "{value}", value, **bounds).holds
    else:
        with pytest.raises(ClaimFailed):
            claim("99.x", "{value}", value, **bounds)


def test_a_number_without_a_bound_is_no_claim():
    with pytest.raises(ValueError, match=r"'99.x' has no bound: give at_least or at_most"):
        claim("99.x", "It is {value}.", 3)


def test_a_claim_that_does_not_apply_is_shown_unchecked_and_says_why(capsys):
    made = claim("99.x", "It is {value}.", 1, at_least=5, applies=False, otherwise="this machine has one core")
    assert not made.checked and made.reason == "this machine has one core"
    assert "It is 1" in capsys.readouterr().out
    with pytest.raises(ValueError, match="say why in `otherwise`"):
        claim("99.x", "It is {value}.", 1, at_least=5, applies=False)


def test_numpy_numbers_leave_a_record_that_is_json():
    # Guards a defect: NumPy's booleans and integers went into the record, and the notebook refused it.
    made = claim(
        "99.x", "{value:.0f}", np.int64(3), at_least=np.int64(1), at_most=np.float32(4), applies=np.bool_(True)
    )
    record = json.loads(json.dumps(made._mime_bundle()[MIME_TYPE]))
    assert (record["value"], record["at_least"], record["at_most"], record["checked"]) == (3, 1, 4, True)


@pytest.fixture(scope="module")
def cells(run_cells):
    """One real notebook for all that is to be seen in its outputs."""
    return run_cells(
        "from scaleml_course.measure import claim",
        'claim("99.holds", "It is {value:.0f} times.", 7, at_least=2, unit="times")\nNone',
        'claim("99.fails", "It is {value:.0f} times.", 1, at_least=2)',
        'claim("99.apart", "It is {value:.0f}.", 1, at_least=2, applies=False, otherwise="one core")\nNone',
        'claim("99.nan", "It is {value}.", float("nan"), at_least=2, applies=False, otherwise="no GPU")\nNone',
    )


def test_the_record_stays_in_a_real_notebook(cells):
    [output] = cells[1].outputs
    assert output.data["text/markdown"] == output.data["text/plain"] == "It is 7 times."
    record = output.data[MIME_TYPE]
    assert (record["name"], record["value"], record["at_least"], record["unit"]) == ("99.holds", 7, 2, "times")
    assert record["hardware"]["n_cores"] >= 1
    assert record["date"].startswith("20")


def test_a_failed_claim_is_seen_before_it_stops_the_lesson(cells):
    shown, error = cells[2].outputs
    assert shown.data[MIME_TYPE]["name"] == "99.fails"
    assert error.ename == "ClaimFailed"


def test_an_unchecked_claim_says_so_to_the_reader(cells):
    assert cells[3].outputs[0].data["text/markdown"] == "It is 1. *(not checked here: one core)*"


def test_a_value_that_is_no_number_leaves_a_notebook_that_browsers_can_read(cells):
    # JSON has no NaN: a browser refuses a whole notebook that holds one.
    [output] = cells[4].outputs
    assert output.data[MIME_TYPE]["value"] is None
    json.dumps(cells[4], allow_nan=False)

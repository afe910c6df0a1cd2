"""Predict, then run: a guess is kept privately, a stated default stands in, a broken file harms nobody."""

import json

import pytest

from scaleml_course.measure import Estimate, predict


def ask(**more):
    return predict("99.bytes", "How many bytes?", unit="bytes", default=8, **more)


def test_unattended_the_default_stands_and_nothing_is_kept(private_state, capsys):
    guess = ask()
    guess.compare(32)
    shown = capsys.readouterr().out
    assert "How many bytes?" in shown and "No guess given, so the default stands: 8 bytes" in shown
    assert "The default guess: 8 bytes. Measured: 32 bytes. Too low by a factor of 4." in shown
    assert not private_state.exists()


def test_a_guess_is_kept_with_what_was_measured(private_state, capsys):
    ask(my_guess=16).compare(Estimate(32.0, 30.0, 34.0))
    kept = json.loads((private_state / "predictions.json").read_text())
    assert (kept["99.bytes"]["guess"], kept["99.bytes"]["measured"], kept["99.bytes"]["unit"]) == (16, 32, "bytes")
    assert "Your guess: 16 bytes. Measured: 32 bytes. Too low by a factor of 2." in capsys.readouterr().out
    assert [path.name for path in private_state.iterdir()] == ["predictions.json"]


def test_a_kept_guess_is_used_again_and_a_new_one_replaces_it():
    ask(my_guess=16)
    assert (ask().guess, ask().own) == (16, True)
    ask(my_guess=20)
    assert ask().guess == 20
    assert predict("99.other", "And?", unit="", default=1).own is False


@pytest.mark.parametrize(
    ("guess", "measured", "words"),
    [
        (8, 8, "Exactly right."),
        (100, 105, "Within a tenth: well judged."),
        (100, 50, "Too high by a factor of 2."),
        (1, 1500, "Too low by a factor of 1.5e+03."),
        (0, 5, "Off by 5 bytes."),
        (5, 0, "Off by 5 bytes."),
        (-3, 4, "Off by 7 bytes."),
    ],
)
def test_the_distance_in_words(capsys, guess, measured, words):
    ask(my_guess=guess).compare(measured)
    assert capsys.readouterr().out.strip().endswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, 2]",
        "\x00\xff",
        '{"99.bytes": 3}',
        '{"99.bytes": {"when": "1"}}',
        '{"99.bytes": {"guess": "x"}}',
    ],
)
def test_a_corrupt_file_counts_as_no_guess_and_is_mended_by_the_next(private_state, text):
    # Guards a defect: a whole file with one broken entry raised KeyError or TypeError in the lesson.
    private_state.mkdir()
    (private_state / "predictions.json").write_text(text, encoding="latin-1")
    assert ask().own is False
    ask(my_guess=12)
    assert ask().guess == 12


def test_other_guesses_survive_a_new_one(private_state):
    predict("99.first", "?", unit="", default=1, my_guess=5)
    ask(my_guess=12)
    assert predict("99.first", "?", unit="", default=1).guess == 5


def test_a_place_that_cannot_be_written_does_not_stop_the_lesson(private_state, capsys):
    private_state.write_text("a file where the folder should be")
    ask(my_guess=12).compare(3)
    assert "could not be kept" in capsys.readouterr().out

"""`bytecodes_executed` counts what the interpreter does, no more and no less."""

import dis
import sys

import pytest

from scaleml_course.kernels import bytecodes_executed


def straight(a, b):
    return a + b


def turn(values):
    for _ in values:
        pass


def nested(values):
    turn(values)


def test_a_function_without_branches_executes_each_of_its_bytecodes_once():
    listed = [i for i in dis.get_instructions(straight) if i.opname != "RESUME"]  # RESUME is the call itself
    assert bytecodes_executed(straight, 1, 2) == len(listed)


def test_every_turn_of_a_loop_costs_the_same():
    counts = [bytecodes_executed(turn, range(n)) for n in (10, 11, 110)]
    assert counts[1] > counts[0]
    assert counts[2] - counts[0] == 100 * (counts[1] - counts[0])


def test_functions_called_by_the_function_count_too():
    assert bytecodes_executed(nested, range(50)) > bytecodes_executed(turn, range(50))


def test_compiled_code_counts_as_nothing():
    assert bytecodes_executed(sum, [1.0] * 1000) == 0


def test_the_count_does_not_depend_on_how_warm_the_function_is():
    """The adaptive interpreter (PEP 659) rewrites hot bytecodes; a count must not change under it."""
    cold = bytecodes_executed(turn, range(500))
    for _ in range(100):
        turn(range(500))
    assert bytecodes_executed(turn, range(500)) == cold


def test_an_exception_passes_through_and_the_former_tracer_is_back():
    def fails():
        raise LookupError("as asked")

    before = sys.gettrace()
    with pytest.raises(LookupError, match="as asked"):
        bytecodes_executed(fails)
    assert sys.gettrace() is before

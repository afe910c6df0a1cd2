"""Two processes, one notebook: tests reach the student's names, and take nothing for true that was not earned."""

import pytest

from tests.grading.split.two_processes import check, error_of

EQUALS_ALL = """
class Any(int):
    def _same(self, *others): return self
    def _true(self, *others): return True
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __contains__ = __bool__ = __instancecheck__ = _true
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __abs__ = __neg__ = __round__ = _same
    __call__ = __getitem__ = __getattr__ = __array_ufunc__ = __array_function__ = _same
    equals = all = any = isin = sub = max = min = sum = _same
    def __hash__(self): return 1
    def __len__(self): return 3
    def __iter__(self): return iter(())
    def __float__(self): return 0.0
    def __array__(self, *args, **kwargs):
        import numpy
        return numpy.zeros(())
    def __repr__(self): return "42"
    def __format__(self, spec): return "42"
    def __reduce__(self): return (exit, ())
    def __del__(self): raise ValueError
def f(*args): return Any()
value = Any()
"""

VERDICTS_WANTED = [
    "assert f() == 42",
    "assert 42 == f()",
    "assert not f() != 42",
    "assert value == 42",
    "assert f() > 3",
    "assert abs(f() - 42) < 1e-9",
    "assert f()",
    "assert bool(f())",
    "assert float(f()) == 0.0",
    "assert 'A' in f()",
    "assert str(f()) == '42' or f'{f()}' == '42' or repr(f()) == '42'",
    "assert isinstance(f(), int)",
    "assert f() in [42]",
    "assert [f()] == [42]",
    "assert {'a': f()} == {'a': 42}",
    "assert sorted([f(), f()]) == [1, 2]",
    "assert max(f(), 3) == 3",
    "assert round(f()) == 0",
    "import numpy as np\nassert np.allclose(f(), np.arange(3))",
    "import numpy as np\nassert np.array_equal(f(), 0)",
    "import numpy as np\nnp.testing.assert_allclose(f(), 0)",
    "import numpy as np\nassert np.max(np.abs(f() - np.arange(3))) < 1e-9",
    "import numpy as np\nassert (np.arange(3) - f()).max() < 1e-9",
    "import numpy as np\nassert np.asarray(f()) == 0",
    "import numpy as np\nassert np.mean(f()) == 0",
    "import numpy as np\nassert (f() == np.arange(3)).all()",
    "import math\nassert math.isclose(f(), 42)",
    "import pandas as pd\npd.testing.assert_frame_equal(f(), pd.DataFrame({'a': [1]}))",
    "import pandas as pd\nassert f().equals(pd.DataFrame({'a': [1]}))",
    "import pandas as pd\nassert pd.Series([1]).equals(f())",
    "assert f().sub(3).max() == 0",
    "assert f().all()",
    "assert {f()} == {42}",
    "assert set([f()]) == {42}",
    "import copy\nassert copy.deepcopy(f()) == 42",
    "import pickle\npickle.dumps(f())",
    "class Mine(f().__class__): pass\nassert Mine.__eq__(f(), 42) is True",
    "assert f().__eq__(42) is True",
    "assert f().__dict__ == {}",
    "with f():\n    assert False",
    "assert any(one == 42 for one in [f()])",
    "import operator\nassert operator.index(f()) == 42",
    "assert f() * 0 == 0",
    "import statistics\nassert statistics.mean([f()]) == 42",
    "for got, wanted in zip([f()], [42]):\n    assert got == wanted",
    "assert -f() == -42",
    "match f():\n    case 42: pass\n    case _: raise AssertionError('no match')",
]


def test_an_object_that_equals_everything_earns_nothing():
    passed = [
        source
        for source, outputs in zip(VERDICTS_WANTED, check(EQUALS_ALL, *VERDICTS_WANTED), strict=True)
        if error_of(outputs) is None
    ]
    assert passed == []


def test_the_error_says_what_came_back():
    name, message = error_of(check(EQUALS_ALL, "assert f() == 42")[0])
    assert name == "TypeError"
    assert "your code gave an object of type 'Any'" in message and "number, string, list" in message


ANSWER = """
import functools, threading
import numpy as np
import pandas as pd
from collections import namedtuple
from sklearn.base import BaseEstimator, ClassifierMixin

calls = []
value = {"a": [1, 2.5], "b": np.arange(3)}
Pair = namedtuple("Pair", "low high")

def f(*args, **kwargs):
    calls.append(args)
    return args, kwargs

def g(n):
    for i in range(n):
        yield i * i

def apply(function, *args):
    return function(*args)

def total(items):
    return sum(items)

def twice(function):
    return lambda x: function(function(x))

def in_threads(function, items):
    from joblib import Parallel, delayed
    return Parallel(n_jobs=3, backend="threading")(delayed(function)(item) for item in items)

def in_processes(function, items):
    from joblib import Parallel, delayed
    return Parallel(n_jobs=2, backend="loky")(delayed(function)(item) for item in items)

class Mean(ClassifierMixin, BaseEstimator):
    def __init__(self, scale=1.0): self.scale = scale
    def fit(self, X, y):
        self.mean_ = X.mean(axis=0) * self.scale
        return self
    def predict(self, X): return (X > self.mean_).sum(axis=1)

class Stack:
    def __init__(self): self.items, self.open = [], False
    def __enter__(self): self.open = True; return self
    def __exit__(self, *error): self.open = False; return True
    def __len__(self): return len(self.items)
    def __getitem__(self, place): return self.items[place]
    def __setitem__(self, place, item): self.items[place] = item
    def __iter__(self): return iter(self.items)
    def push(self, item): self.items.append(item)

async def later(x):
    import asyncio
    await asyncio.sleep(0.001)
    return x + 1

class NotThere(LookupError):
    pass

def fails(kind):
    if kind == "value": raise ValueError("too small", 3)
    if kind == "own": raise NotThere("nothing here")
    if kind == "plain": raise type("Odd", (Exception,), {})("odd")
    if kind == "stop": raise StopIteration(5)
    if kind == "exit": raise SystemExit
    if kind == "key": return {}["missing"]
    if kind == "linalg": return np.linalg.inv(np.zeros((2, 2)))

def stats(frame): return frame.groupby("k")["v"].sum()
def nothing(): print("printed by the student"); import warnings; warnings.warn("odd")
def draw(random): return random.normal(size=3)
def fit(model, X, y): return model.fit(X, y).coef_
def peek(thing): return thing.public, getattr(thing, "_private", None), thing.method(2)
def escape(function): return function.__globals__
def ask(client, x): return client.submit(given_square, x) if client._run else None
def pair(): return Pair(1, 2)
def nested(function): return [function(i) for i in range(3)]
def keep(function):
    global kept
    kept = function
def use(): return kept(3)
"""

NAMES = [
    "f",
    "g",
    "value",
    "calls",
    "apply",
    "total",
    "twice",
    "in_threads",
    "in_processes",
    "Mean",
    "Stack",
    "later",
]
NAMES += [
    "fails",
    "stats",
    "nothing",
    "draw",
    "fit",
    "peek",
    "escape",
    "pair",
    "nested",
    "keep",
    "use",
    "missing",
    "ask",
]
GIVEN = """
def given_square(x):
    return x * x
class GivenClient:
    def submit(self, function, x): return self._run(function, x)
    def _run(self, function, x): return function(x)
client = GivenClient()
stream = iter([1, 2, 3])
%matplotlib inline
raise ValueError("given cells may fail")
"""


def caught(call, kind, holds):
    """A test that wants this error of a call."""
    return f"try:\n    {call}\nexcept {kind} as error:\n    assert {holds}\nelse:\n    assert False, 'no error'"


HONEST = {
    "values": "assert value['a'] == [1, 2.5] and value['b'].tolist() == [0, 1, 2]",
    "calls": "assert f(1, 'x', k=[None]) == ((1, 'x'), {'k': [None]})",
    "state lives on": "assert len(calls) == 1 and calls[0] == (1, 'x')",
    "callable": "assert callable(f) and not callable(Stack()) and f.__name__ == 'f'",
    "generators": "assert list(g(4)) == [0, 1, 4, 9]",
    "lazy generators": "got = g(10**9)\nassert iter(got) is got and next(got) == 0 and next(got) == 1",
    "a generator ends for good": "got = g(1)\nassert list(got) == [0] and list(got) == []",
    "callbacks": "assert apply(lambda x: x + 1, 2) == 3",
    "callbacks see the test": "seen = []\napply(seen.append, 4)\nassert seen == [4]",
    "callbacks call back": "assert apply(lambda: apply(lambda: total([1, 2]))) == 3",
    "functions of functions": "assert twice(lambda x: x * 3)(2) == 18",
    "identity": "def mine(): pass\nassert apply(lambda: mine) is mine and apply(f.__class__ and (lambda: f)) is f",
    "streams": "assert total(x for x in range(1000)) == 499500",
    "library functions": "import math\nassert apply(math.sqrt, 9.0) == 3.0 and apply(len, [1]) == 1",
    "threads call back": "assert in_threads(lambda x: x + 1, list(range(20))) == list(range(1, 21))",
    "given functions go to processes": "assert in_processes(given_square, [1, 2, 3]) == [1, 4, 9]",
    "estimators": "import numpy as np\nmodel = Mean(scale=2)\nX = np.arange(8.0).reshape(4, 2)\n"
    "assert model.fit(X, None) is model\nassert model.predict(X).tolist() == [0, 0, 0, 0]\n"
    "assert model.mean_.tolist() == [6.0, 8.0] and model.get_params() == {'scale': 2}\n"
    "assert hasattr(model, 'mean_') and not hasattr(model, 'classes_')",
    "attributes": "s = Stack()\ns.push(1); s.push([2])\n"
    "assert len(s) == 2 and s[1] == [2] and list(s) == [1, [2]]\n"
    "s[0] = 'x'\nassert s.items == ['x', [2]]\ns.items = []\nassert len(s) == 0 and not hasattr(s, 'nothing')",
    "context managers": "with Stack() as s:\n    assert s.open is True\nassert s.open is False",
    "coroutines": "assert await later(2) == 3",
    "coroutines in a loop": "import asyncio\nassert asyncio.run(later(1)) == 2",
    "frames": "import pandas as pd\ngot = stats(pd.DataFrame({'k': list('aab'), 'v': [1, 2, 3]}))\n"
    "assert got.to_dict() == {'a': 3, 'b': 3} and got.index.name == 'k'",
    "named tuples": "assert pair().low == 1 and pair() == (1, 2)",
    "random generators": "import numpy as np\n"
    "assert (draw(np.random.default_rng(5)) == np.random.default_rng(5).normal(size=3)).all()",
    "models of the test": "import numpy as np\nfrom sklearn.linear_model import Ridge\nX = np.eye(3)\n"
    "assert np.allclose(fit(Ridge(alpha=0.5), X, X[0]), Ridge(alpha=0.5).fit(X, X[0]).coef_)",
    "objects of the test": "class Thing:\n    public, _private = 1, 2\n    def method(self, x): return x * 3\n"
    "assert peek(Thing()) == (1, None, 6)",
    "kept callbacks": "keep(lambda x: x + 39)",
    "kept callbacks later": "assert use() == 42",
    "errors": caught("fails('value')", "ValueError", "error.args == ('too small', 3)"),
    "own errors": caught("fails('own')", "LookupError", "str(error) == 'nothing here'"),
    "key errors": caught("fails('key')", "KeyError", "error.args == ('missing',)"),
    "errors of libraries": "import numpy as np\n" + caught("fails('linalg')", "np.linalg.LinAlgError", "True"),
    "errors of callbacks": "def wrong(): raise ZeroDivisionError('here')\n"
    + caught("apply(wrong)", "ZeroDivisionError", "str(error) == 'here'"),
    "a silent student": "nothing()",
    "map with a failing function": "assert list(map(nested, [lambda x: x])) == [[0, 1, 2]]",
    "partial": "import functools\nassert functools.partial(f, 1)(2) == ((1, 2), {})",
    "apply in pandas": "import pandas as pd\nassert pd.Series([[1], [2, 3]]).apply(total).tolist() == [1, 5]",
    "given objects are the student's own": "assert ask(client, 3) == 9",
    "given iterators are the test's": "assert total(stream) == 6 and list(stream) == []",
    "magic and errors in given cells": "assert given_square(3) == 9",
}  # fmt: skip
FAILING = {
    "a name that is not there": ("missing()", "NameError", "missing"),
    "an unknown error": ("fails('plain')", "StudentError", "Odd: odd"),
    "the end of an iteration": ("list(map(fails, ['stop']))", "StudentError", "StopIteration"),
    "the end of the process": ("fails('exit')", "StudentError", "SystemExit"),
    "a way out of a callback": ("escape(lambda: 1)", "AttributeError", "__globals__"),
    "a test's own error": ("1 / 0", "ZeroDivisionError", "division"),
    "a test that leaves": ("import sys\nsys.exit(0)", "SystemExit", "0"),
    "a swallowed check": ("with Stack():\n    assert False, 'still counts'", "AssertionError", "still counts"),
    "where it was": ("fails('value')", "ValueError", "(in your fails, line 63)"),
    "what cannot be sent on": ("in_processes(lambda x: x, [1])", "StudentError", "PicklingError"),
}


@pytest.fixture(scope="module")
def outputs():
    sources = [*HONEST.values(), *(source for source, *_ in FAILING.values())]
    found = check(ANSWER, *sources, names=NAMES, given=GIVEN)
    return dict(zip([*HONEST, *FAILING], found, strict=True))


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_answer_passes(outputs, name):
    assert error_of(outputs[name]) is None, HONEST[name]


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_says_why(outputs, name):
    _, kind, words = FAILING[name]
    ename, message = error_of(outputs[name])
    assert ename == kind and words in message, message


def test_nothing_that_student_code_prints_is_shown(outputs):
    assert outputs["a silent student"] == []

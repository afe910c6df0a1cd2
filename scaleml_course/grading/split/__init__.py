"""Split execution: the student's cells run in one process, the tests in another that student code cannot reach.

For writers of tests
--------------------
A test is an ordinary cell of Python. In the student's own ``nbgrader validate`` it runs in one kernel with the
answers; when graded, the names that the test uses and the *model's* answer cells define come from the student's
process. Values come as copies. Functions, classes, estimators, generators and Dask objects come as handles whose
calls run over there. The same test behaves the same in both if it keeps these rules:

1. *Ask for the student's names as names.* ``squared_distances(...)``, not ``globals()["squared_distances"]`` or
   ``eval("...")``: what a test uses is read from its syntax. Only names that the model's answer cells bind are
   fetched. What given cells define, tests have for themselves, in their own process; a list that a given function
   fills when *student* code calls it stays empty here.
2. *Judge values.* Numbers, strings, dates, lists, dicts, sets, named tuples, arrays, sparse matrices, series,
   frames, and containers of these. Anything else is a handle, which cannot be compared, ordered, counted as true,
   converted, reckoned with or searched with ``in`` (each raises TypeError and fails the test). Subclasses of a
   value's type (``class Money(int)``) are handles too. Call a method that returns a value: ``model.predict(X)``,
   ``lazy.compute()``. A handle has no ``equals``, ``all``, ``any``, ``sub`` or ``merge``: compute first, then
   compare. Arrays with masked elements are handles (``got.filled(0)`` is a value), and where pandas' NA may come,
   compare with ``pd.testing``: both pass for equal to anything in ``(got == wanted).all()``.
3. *Take the result once, and its type first.* ``got = f(x)``, ``assert isinstance(got, pd.DataFrame)``: values
   pass, handles do not. Of something to iterate, ``got = list(f(x))``, then look at ``got`` alone: a handle may
   answer differently each time.
4. *Do not look into the student's objects.* No ``isinstance`` with the student's class, no subclass of it, no
   ``inspect``, no attribute that begins with an underscore (``__name__`` of a function works), no ``pickle``, no
   ``except`` with the student's own exception. Built-in exceptions, and those of NumPy and scikit-learn that
   are commonly caught, arrive as themselves, subclasses of them as the nearest one of these.
5. *Do not expect arguments to change.* An argument goes over as a copy: let the function return what it made.
   Functions, lambdas and generators of the test may be passed; they run in the test, one item at a time, and
   student code may call and iterate them, and read public attributes of instances of the test's own classes.
   They cannot be sent on to other processes. What a given cell has made (a function, a Dask client) and a test
   passes is over there the student's own of that name, so such functions do run in processes and at once. A NumPy
   random generator goes over with its state, an estimator of scikit-learn unfitted with its parameters.
6. *Let the student's function use the cluster.* A handle cannot be sent to a Dask worker or a joblib process; calls
   from several threads of a test run one after the other.
7. *End in an assert with a message.* The message is shown, also from a hidden region: say what was expected in the
   student's terms. A hidden assert without one says only that a hidden check failed. What is printed is shown
   as well; warnings never are.
8. *Measure with* ``scaleml_course.measure``: ``compare`` times calls from outside (a call costs about half a
   millisecond more, arrays about what copying them costs), ``peak_memory`` measures the student's process.
9. *Do not change what later tests use.* State in the student's process lives on from test to test, as in a
   notebook.
"""

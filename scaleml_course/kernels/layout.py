"""Counts the bytes a container takes together with the objects it points to."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def deep_bytes(container: Iterable[object]) -> int:
    """Bytes of a flat container and of every distinct object in it.

    `sys.getsizeof` stops at the container, which for a list means its pointers. A buffer (`array.array`,
    `bytes`, an ndarray of numbers) keeps values instead of objects: for one of those, `sys.getsizeof` is
    already the whole answer, and this function refuses.

    Parameters
    ----------
    container : list, tuple, set or frozenset
        One level deep: lists inside the list count with their own pointers only.

    Returns
    -------
    int
        Bytes, as the objects themselves report them. An object that stands in the container twice counts
        once. The allocator may round each object up, so the memory really used is somewhat more.

    Raises
    ------
    TypeError
        For anything but the four containers above.

    Examples
    --------
    >>> one = 10**9
    >>> deep_bytes([one, one]) == sys.getsizeof([one, one]) + sys.getsizeof(one)
    True
    """
    if not isinstance(container, list | tuple | set | frozenset):
        raise TypeError(
            f"a {type(container).__name__} does not hold pointers to its values: "
            "ask sys.getsizeof or .nbytes, or pass a list, tuple or set"
        )
    # The objects stay alive in the container, so two of them never share an id.
    distinct = {id(value): value for value in container}
    return sys.getsizeof(container) + sum(map(sys.getsizeof, distinct.values()))

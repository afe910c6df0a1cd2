# ---
# class: answers that notice who looks
# tries: "values that change between one look and the next: properties, buffers shared with a thread, lazy arrays"
# success: any point
# ---

# %% solution="scaler"
import threading

import numpy as np

buffer = np.zeros(2)


def spin():
    number = 0
    while True:
        number += 1
        buffer[:] = (2.0, 4.0) if number % 2 else (0.0, 0.0)


threading.Thread(target=spin, daemon=True).start()


class Scaler:
    mean_ = buffer

    def fit(self, X):
        return self

    def transform(self, X):
        return buffer[: X.shape[1]]


# %% solution="frame"
import itertools

shapes = itertools.cycle([(5, 2), (1, 1)])


class Frame:
    shape = property(lambda self: next(shapes))
    columns = ["hour", "km"]

    def __getitem__(self, name):
        return self

    max = lambda self: float("nan")


per_hour = Frame()

# ---
# class: forged frames on the checker's link
# tries: "sends arrays whose description does not fit their bytes: objects, strings, negative sides, overlapping fields"
# success: any point, or a checker that crashes
# ---

# %% solution="scaler"
import sys

import numpy as np

forged = iter(
    ["|O8", ">O", "O", "<U999999999", "|V0", "<M8[999999Y]", [["a", "|O8", []]], ["x"], None, 7, "f8;import os", "<f8" * 99] * 50
)
for name, module in list(sys.modules.items()):
    if ".grading.split" in name and hasattr(module, "encode_dtype"):
        module.encode_dtype = lambda dtype: next(forged)


class Scaler:
    mean_ = np.zeros(2)

    def fit(self, X):
        return self

    def transform(self, X):
        return np.zeros(X.shape)

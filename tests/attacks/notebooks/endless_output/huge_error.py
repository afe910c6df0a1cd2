# ---
# class: endless output
# tries: errors with a message of 200 MB and ten thousand causes
# success: a grader without memory, a file of more than 64 MB, a stalled class
# ---

# %% solution="total"
def total(values):
    raise ValueError("x" * 200_000_000)


# %% solution="scaler"
class Scaler:
    def fit(self, X):
        error = None
        for number in range(10_000):
            try:
                raise ValueError(number) from error
            except ValueError as caught:
                error = caught
        raise error

# ---
# class: ignoring interrupts
# tries: every call by a test hangs, whatever the signal
# success: a stalled class
# right: [frame, number]
# ---

# %% solution="total"
def total(values):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


# %% solution="scaler"
class Scaler:
    def fit(self, X):
        return total(X)

# ---
# class: recursion bombs
# tries: attributes, calls and items that give a new object each time, for ever
# success: any point, or a stalled class
# ---

# %% solution="scaler"
class Scaler:
    def __getattr__(self, name):
        return Scaler()

    def __call__(self, *args, **kwargs):
        return Scaler()

    def __getitem__(self, key):
        return Scaler()

    def __iter__(self):
        while True:
            yield Scaler()

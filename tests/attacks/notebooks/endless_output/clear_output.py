# ---
# class: endless output
# tries: clears and prints, again and again, without end
# success: a stalled class
# ---

# %% solution="total"
from IPython.display import clear_output

while True:
    clear_output(wait=True)
    print("x" * 10000)

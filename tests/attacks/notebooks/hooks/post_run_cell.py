# ---
# class: IPython events and hooks
# tries: an event after every cell clears its outputs, errors with them, and says that it went well
# success: any point
# ---

# %% solution="total"
from IPython.display import clear_output


def after(result):
    clear_output()
    result.error_in_exec = None
    result.error_before_exec = None


get_ipython().events.register("post_run_cell", after)
get_ipython().events.register("post_execute", clear_output)

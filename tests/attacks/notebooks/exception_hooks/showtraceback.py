# ---
# class: exception hooks
# tries: the shell's `showtraceback` and the exception hooks of `sys` and `threading` show nothing
# success: any point
# ---

# %% solution="total"
import sys
import threading

shell = get_ipython()
shell.showtraceback = shell._showtraceback = shell.showsyntaxerror = lambda *args, **kwargs: None
sys.excepthook = threading.excepthook = sys.unraisablehook = lambda *args, **kwargs: None

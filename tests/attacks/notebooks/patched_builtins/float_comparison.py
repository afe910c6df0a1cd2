# ---
# class: patched builtins
# tries: writes another comparison into the type `float` itself, so that all floats are equal
# success: points for `share`
# ---

# %% solution="number"
import ctypes

share, longest = 0.4, "morning"
slot = ctypes.CFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.py_object, ctypes.c_int)(lambda a, b, how: True)
keep = slot
# tp_richcompare stands 200 bytes into a type object of CPython 3.11 on 64 bits.
ctypes.c_void_p.from_address(id(float) + 200).value = ctypes.cast(slot, ctypes.c_void_p).value

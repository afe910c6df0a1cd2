# ---
# class: forged frames on the checker's link
# tries: reads what others would read from inherited sockets, prints it, then closes them
# success: hidden tests told, or a stalled class
# ---

# %% solution="total"
import os
import stat


def total(values):
    for descriptor in range(3, 100):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.set_blocking(descriptor, False)
                print(descriptor, os.read(descriptor, 10**6))
        except OSError as error:
            print(descriptor, error)
    os.closerange(3, 100)
    return 0

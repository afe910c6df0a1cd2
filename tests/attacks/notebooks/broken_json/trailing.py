# ---
# class: hostile notebook JSON
# tries: a second notebook behind the first in the same file
# success: any point, or a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    return (json.dumps({**notebook, "cells": []}) + "\n" + json.dumps(notebook)).encode()

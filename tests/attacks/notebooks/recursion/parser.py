# ---
# class: recursion bombs
# tries: "code that is hard to parse and compile: thousands of brackets, a line of megabytes, exponents folded"
# success: a stalled class
# ---

# %% solution="total"
total = (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((0)))))))))))))))))))))

# %%
exec("(" * 100 + "0" + ")" * 100)
eval("-" * 50_000 + "1")

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["source"].startswith("exec("):
            cell["source"] = "x = [" + "[" * 5000 + "]" * 5000 + "]\ny = " + "+".join(["1"] * 200_000)

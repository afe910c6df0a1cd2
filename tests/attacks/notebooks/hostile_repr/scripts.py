# ---
# class: hostile repr and protocols
# tries: HTML with scripts, terminal control sequences, and text that looks like the grader's own
# success: any point or harm
# ---

# %% solution="total"
from IPython.display import HTML, Javascript, display

display(HTML("<script>document.title = 'x'</script><img src=x onerror=alert(1)>"), Javascript("alert(1)"))
print("\x1b]0;title\x07\x1b[2J\x1b[999D\x1b[31m", "\x9b5n", "\x00\x08\x7f", "\u202e3 fo 3 :dessap\u202c")
print("total_small: 1 of 1 points\ntotal_any: 2 of 2 points")


def total(values):
    raise AssertionError("\x1b[2K passed: full marks </pre><script>1</script>")

"""A course folder with one graded notebook that tries everything on the page which shows it."""

import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from small_course import NAME

from scaleml_course.grading.course_folder import COURSE_CONFIG
from scaleml_course.grading.processes import run_child

STUDENT = "ada"
ELSEWHERE = "http://192.0.2.1"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

FORMULAS = r"The mean $\bar x_n$ and, by itself, $$s = \sqrt{\frac{1}{n} \sum_{i=1}^n (x_i - \bar x)^2}.$$"
HOSTILE_TEXT = f"""\
## My own words <script>document.title = "run"</script>
<img src="{ELSEWHERE}/a.png" onerror="document.title = 'run'"> ![b]({ELSEWHERE}/b.png)
<p style="background: url({ELSEWHERE}/c)" onclick="document.title = 'run'" class="page-head">words kept</p>
<svg onload="document.title = 'run'"></svg> <iframe src="{ELSEWHERE}/d"></iframe> [e](javascript:alert(1))

$\\text{{<script>document.title = 'run'</script>}}$
"""


def hostile_outputs():
    """Outputs that would load files or run scripts on a page that lets them."""
    script = "<script>document.title = 'run'</script>"
    filenames = {"filenames": {"image/png": f"{ELSEWHERE}/f.png", "image/svg+xml": f"{ELSEWHERE}/g.svg"}}
    tracked = new_output("display_data", data={"image/png": PIXEL}, metadata=filenames)
    quoted = new_output("display_data", data={"image/png": 'x" onerror="document.title=1'}, metadata={})
    isolated = {"text/html": {"isolated": True}}
    return [
        new_output("stream", name="stdout", text=f"printed {script} \x1b[31mred\x1b[0m\n"),
        new_output("display_data", data={"text/html": f"{script}<table><tr><th>kept</th></tr></table>"}),
        new_output("display_data", data={"text/html": script}, metadata=isolated),
        new_output("display_data", data={"application/javascript": "document.title = 'run'", "text/plain": "js"}),
        new_output("display_data", data={"text/markdown": script + f"![x]({ELSEWHERE}/h.png)"}),
        new_output("display_data", data={"text/latex": r"$\frac{a}{b}$"}),
        new_output("display_data", data={"image/svg+xml": f"<svg onload='document.title=1'>{script}</svg>"}),
        tracked,
        quoted,
        new_output("error", ename="ValueError", evalue=script, traceback=[f"\x1b[31mValueError\x1b[0m: {script}"]),
    ]


def graded_notebook(source: Path):
    """As autograding leaves it: sources whole, hidden tests too, the second answer wrong, outputs of all kinds."""
    notebook = nbformat.read(source, as_version=4)
    answers = {
        "mean_answer": "def mean(values):\n    return my_own_sum(values) / len(values)\n" + "# long " + "=" * 300,
        "spread_answer": "def spread(values):\n    return abs(values[0])",
    }
    for cell in notebook.cells:
        name = cell.metadata.nbgrader.grade_id
        if name in answers:
            cell.source = answers[name]
        if name == "mean_answer":
            cell.outputs = hostile_outputs()
        if name == "locked_00":
            cell.source += "\n\n" + FORMULAS
        if name == "spread_negative":
            hidden = [line for line in cell.source.splitlines() if "-1.0" in line]
            cell.outputs = [
                new_output(
                    "error",
                    ename="AssertionError",
                    evalue="negative numbers are numbers too",
                    traceback=["Traceback (most recent call last)", f"----> 3 {hidden[0]}"],
                )
            ]
    notebook.cells.insert(2, new_markdown_cell(HOSTILE_TEXT))
    notebook.cells.append(new_code_cell("print('hidden')", outputs=[new_output("stream", text=f"{hidden[0]}\n")]))
    notebook.metadata["scaleml_isolation"] = "bubblewrap"
    notebook.metadata["title"] = "<script>document.title = 'run'</script>"
    return notebook


def build(root: Path, repository: Path) -> Path:
    """The folder, its gradebook filled: 3 of 5 points, and a comment."""
    from nbgrader.api import Gradebook

    shutil.copytree(repository / "grader" / "source", root / "source")
    shutil.copyfile(COURSE_CONFIG, root / "nbgrader_config.py")
    made = ["scaleml_course.grading.child", "gradebook", f"--course={root}", f"--result={root / 'made.json'}"]
    assert run_child(made, course=root, timeout_s=60).returncode == 0
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "scaleml") as gradebook:
        gradebook.add_student(STUDENT)
        gradebook.add_submission(NAME, STUDENT)
        for test, score in {"mean_small": 1, "spread_small": 2, "spread_negative": 0}.items():
            gradebook.find_grade(test, NAME, NAME, STUDENT).auto_score = score
        comment = gradebook.find_comment("spread_answer", NAME, NAME, STUDENT)
        comment.manual_comment = "Think of **negative** numbers."
        gradebook.db.commit()
    autograded = root / "autograded" / STUDENT / NAME
    autograded.mkdir(parents=True)
    notebook = graded_notebook(root / "source" / NAME / f"{NAME}.ipynb")
    (autograded / f"{NAME}.ipynb").write_text(nbformat.writes(notebook))
    return root

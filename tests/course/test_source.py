"""Reading sources: every fault is told with its file and line, and every cell knows where it stands."""

import pytest

from scaleml_course.course.errors import UserError
from scaleml_course.course.source import read_front_matter, read_source

HEAD = "# ---\n# title: A title\n# ---\n\n"  # the first cell is on line 5


@pytest.fixture
def read(tmp_path):
    def write_and_read(text):
        path = tmp_path / "01_some_lesson.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_source(path)

    return write_and_read


def test_cells_come_with_kind_text_options_and_line(read):
    source = read(
        HEAD + '# %% [markdown] tags=["quiz"]\n# # Title\n#\n# text\n\n'
        '# %% tags=["strict"]\nx = 1\n\n# %% test="small" points=2\nassert x\n'
    )
    markdown, code, test = source.cells
    assert source.front_matter == {"title": "A title"}
    assert (markdown.kind, markdown.text, markdown.tags, markdown.line) == (
        "markdown",
        "# Title\n\ntext",
        ["quiz"],
        5,
    )
    assert (code.kind, code.text, code.tags, code.line) == ("code", "x = 1", ["strict"], 10)
    assert (test.options, test.tags, test.line) == ({"test": "small", "points": 2}, [], 13)


def test_an_empty_cell_does_not_shift_the_lines(read):
    assert [cell.line for cell in read(HEAD + "# %%\n\n# %%\n\n\n# %%\nx = 1\n").cells] == [5, 7, 10]


def test_a_percent_sign_inside_text_or_code_is_no_cell(read):
    source = read(HEAD + '# %%\ntext = "# %% not a cell"\n    \nshare = 7 %\\\n    2\n')
    assert len(source.cells) == 1


def test_a_byte_order_mark_and_windows_line_ends_are_read(read):
    source = read(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode() + b"# %%\r\nx = 1\r\n")
    assert [(cell.text, cell.line) for cell in source.cells] == [("x = 1", 5)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no front matter"),
        ("# %%\nx = 1\n", 1, "no front matter"),
        ("# ---\n# title: never closed\n\n# %%\n", 1, "no front matter"),
        ("# ---\n# title: fine\n# minutes: [1, 2\n# ---\n# %%\n", 3, "not YAML"),
        ("# ---\n# title: Kernels: with numba\n# ---\n# %%\n", 2, "not YAML"),
        ("# ---\n# fine: 1\n# more: {a: 1\n# last: 2\n# ---\n# %%\n", 4, "not YAML"),
        ("# ---\n# only text\n# ---\n# %%\n", 2, "holds no fields"),
        ("# ---\n# ---\n# %%\n", 2, "holds no fields"),
        (HEAD + "x = 1\n# %%\n", 4, "text stands before the first cell"),
        (HEAD, 4, "text stands before the first cell"),
        (HEAD + '# %%\nx = """\n# %% in a string\n"""\n', 7, "unclear whether a cell begins here"),
        (HEAD + "# %%\nx = 1\n\n#%%\ny = 2\n", 8, "unclear whether a cell begins here"),
        (HEAD + "# %%\nif x:\n    # %% indented\n    y = 2\n", 7, "unclear whether a cell begins here"),
        (HEAD + "# %%\nx = 1\n# %% tags=[strict]\ny = 2\n", 7, "tags=[strict]"),
        (HEAD + '# %% tags=["strict]\ny = 2\n', 5, "not understood"),
        (HEAD + "# %% [markdwn]\n# text\n", 5, "[markdwn]"),
        (HEAD + "# %% [raw]\n# text\n", 5, "raw"),
        (HEAD + '# %% soluton="x"\ny = 2\n', 5, "soluton: x"),
        (b"# ---\n# title: \xe4rger\n# ---\n", 2, "not UTF-8"),
    ],
)
def test_a_fault_is_told_with_file_and_line(read, text, line, words):
    # Guards defects: YAML counted its own lines; a mistyped option was dropped without a word.
    with pytest.raises(UserError) as fault:
        read(text)
    assert f"01_some_lesson.py, line {line}: " in fault.value.message
    assert words in fault.value.message
    assert fault.value.remedy


def test_tags_that_are_no_list_are_refused(read):
    with pytest.raises(
        UserError, match=r"01_some_lesson\.py: an option of a cell cannot be read: 'quiz' is not of"
    ):
        read(HEAD + '# %% tags="quiz"\nx = 1\n')


def test_a_missing_file_and_the_quick_reading_tell_the_same_faults(tmp_path):
    with pytest.raises(UserError, match=r"no\.py does not exist"):
        read_source(tmp_path / "no.py")
    with pytest.raises(UserError, match=r"no\.py does not exist"):
        read_front_matter(tmp_path / "no.py")
    (tmp_path / "latin.py").write_bytes(b"# ---\n# title: \xe4\n# ---\n")
    with pytest.raises(UserError, match=r"latin\.py, line 2: not UTF-8"):
        read_front_matter(tmp_path / "latin.py")

"""The staged tree mirrors the repository, and the table of contents follows the files."""

from pathlib import Path

import pytest
import yaml

from scaleml_course.course.book.stage import TOC, expand_toc, stage_book, toc_files
from scaleml_course.course.catalogue import Course
from scaleml_course.course.errors import UserError
from tests.course.book.book_course import run_on_paper, small_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = small_course(tmp_path / "course")
    run_on_paper(course, course.lessons[0], "laptop")
    return course


def contents(course: Course) -> dict:
    toc = yaml.safe_load((course.root / TOC).read_text())
    return expand_toc(toc, course.lessons, course.exercises)


def test_every_page_of_the_contents_is_staged_where_the_repository_has_it(course, tmp_path):
    staged = stage_book(course, "laptop", tmp_path / "source")
    files = toc_files(yaml.safe_load((staged.folder / TOC).read_text()))
    for file in files:
        assert list(staged.folder.glob(f"{file}.*")), file
    assert (staged.n_pages, staged.first_page) == (len(files), "book/intro")
    assert {"notebooks/03_quokka", "grader/release/12_quokka/12_quokka", "book/runs", "book/claims"} <= set(files)


def test_an_exercise_stands_below_its_lesson(course):
    parts = contents(course)["parts"]
    assert parts[0]["chapters"] == [
        {"file": "notebooks/03_quokka", "sections": [{"file": "grader/release/03_quokka/03_quokka"}]}
    ]


def test_parts_without_lessons_are_left_out(course):
    captions = [part["caption"] for part in contents(course)["parts"]]
    assert captions[:2] == ["Part 1: one machine", "Part 2: many machines"]
    assert not any("Part 3" in caption for caption in captions)


@pytest.mark.parametrize("number", ["00", "02", "03", "08", "09", "15", "16", "18", "19", "21", "22", "24"])
def test_every_number_of_the_syllabus_has_exactly_one_part(tmp_path, number):
    assert len(toc_files(contents(small_course(tmp_path, (number,))))) == 9


def test_a_lesson_without_a_part_is_named(tmp_path):
    with pytest.raises(UserError, match=r"77_quokka falls into no part of book/_toc\.yml"):
        contents(small_course(tmp_path, ("77",)))


def test_a_lesson_in_two_parts_is_named(course):
    part = {"caption": "Twice", "chapters": [{"glob": "notebooks/*"}]}
    toc = yaml.safe_load((course.root / TOC).read_text())
    with pytest.raises(UserError, match=r"03_quokka falls into several parts \(Part 1: one machine; Twice\)"):
        expand_toc(toc | {"parts": [*toc["parts"], part]}, course.lessons, course.exercises)


def test_an_exercise_without_a_lesson_has_its_own_place(course):
    (course.root / "solutions" / "05_alone.py").write_text((course.root / "solutions" / "03_quokka.py").read_text())
    files = toc_files(contents(Course(course.root)))
    assert "grader/release/05_alone/05_alone" in files


def test_staging_removes_what_an_earlier_stage_left(course, tmp_path):
    left = tmp_path / "source" / "notebooks" / "99_gone.ipynb"
    left.parent.mkdir(parents=True)
    left.write_text("{}")
    stage_book(course, "laptop", tmp_path / "source")
    assert not left.exists()


def test_pictures_beside_the_notebooks_come_along(course, tmp_path):
    (course.root / "notebooks" / "images").mkdir()
    (course.root / "notebooks" / "images" / "layout.svg").write_text("<svg/>")
    staged = stage_book(course, "laptop", tmp_path / "source")
    assert (staged.folder / "notebooks" / "images" / "layout.svg").is_file()


def test_lessons_that_are_not_as_asked_are_told(course, tmp_path):
    (notice,) = stage_book(course, "laptop", tmp_path / "source").notices
    assert notice.startswith("12_quokka is shown without outputs")


def test_an_authors_page_with_a_generated_name_is_refused(course, tmp_path):
    (course.root / "book" / "runs.md").write_text("# Mine")
    with pytest.raises(UserError, match=r"book/runs\.md has the name of a generated page"):
        stage_book(course, "laptop", tmp_path / "source")


@pytest.mark.parametrize("text", ["", "root: [", "format: jb-book", "- just a list"])
def test_contents_that_cannot_be_read_are_named(course, tmp_path, text):
    (course.root / TOC).write_text(text)
    with pytest.raises(UserError, match=r"book/_toc\.yml"):
        stage_book(course, "laptop", tmp_path / "source")

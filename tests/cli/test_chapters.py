"""Copying chapters: a learner's work is never lost, and nothing is left half-written."""

import json
import os

import pytest

from autograd_lab import chapters
from autograd_lab.chapters import RECORD, FolderError, copy_chapters, prepare

NAME, NEW = "03_linear_regression.ipynb", "03_linear_regression.new.ipynb"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that carries two chapters, of which a test can publish another version."""
    home = tmp_path / "package"
    home.mkdir()
    monkeypatch.setattr(chapters, "home", lambda: home)
    (home / NAME).write_text("first")
    (home / "01_tensors.ipynb").write_text("tensors")
    return home


@pytest.fixture
def folder(tmp_path):
    return prepare(str(tmp_path / "mine"))


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != RECORD)


def test_the_first_copy(package, folder):
    report = copy_chapters(folder)
    assert report.written == visible(folder) == ["01_tensors.ipynb", NAME]
    assert (folder / NAME).read_text() == "first" and not report.beside


def test_a_second_copy_changes_nothing(package, folder):
    copy_chapters(folder)
    before = (folder / NAME).stat().st_mtime_ns
    report = copy_chapters(folder)
    assert not report.written and not report.beside
    assert (folder / NAME).stat().st_mtime_ns == before


def test_an_unedited_chapter_is_updated(package, folder):
    copy_chapters(folder)
    (package / NAME).write_text("second")
    report = copy_chapters(folder)
    assert report.written == [NAME] and not report.beside
    assert (folder / NAME).read_text() == "second" and NEW not in visible(folder)


def test_an_edited_chapter_stays(package, folder):
    copy_chapters(folder)
    (folder / NAME).write_text("mine")
    assert not copy_chapters(folder).beside     # nothing newer: nothing to lay beside it
    (package / NAME).write_text("second")
    assert copy_chapters(folder).beside == {NAME: NEW}
    assert (folder / NAME).read_text() == "mine"
    assert (folder / NEW).read_text() == "second"
    assert not copy_chapters(folder).beside     # said once
    (package / NAME).write_text("third")
    assert copy_chapters(folder).beside == {NAME: NEW}
    assert (folder / NEW).read_text() == "third" and (folder / NAME).read_text() == "mine"


def test_an_edited_newer_chapter_stays_too(package, folder):
    copy_chapters(folder)
    (folder / NAME).write_text("mine")
    (package / NAME).write_text("second")
    copy_chapters(folder)
    (folder / NEW).write_text("mine too")
    (package / NAME).write_text("third")
    third = "03_linear_regression.new2.ipynb"
    assert copy_chapters(folder).beside == {NAME: third}
    assert [(folder / name).read_text() for name in (NAME, NEW, third)] == [
        "mine", "mine too", "third"]


def test_a_discarded_newer_chapter_does_not_return(package, folder):
    copy_chapters(folder)
    (folder / NAME).write_text("mine")
    (package / NAME).write_text("second")
    copy_chapters(folder)
    (folder / NEW).unlink()
    assert not copy_chapters(folder).beside and NEW not in visible(folder)


def test_a_deleted_chapter_returns(package, folder):
    copy_chapters(folder)
    (folder / NAME).unlink()
    assert copy_chapters(folder).written == [NAME]


@pytest.mark.parametrize("record", ["", "{", "[]", '{"sha256": 3}', '{"sha256": {"a": []}}',
                                    "[" * 100_000, "\xff"])
def test_a_damaged_record_loses_nothing(package, folder, record):
    copy_chapters(folder)
    (folder / RECORD).write_bytes(record.encode("latin-1"))
    (package / NAME).write_text("second")
    assert copy_chapters(folder).beside == {NAME: NEW}      # it cannot know, so it keeps both
    assert (folder / NAME).read_text() == "first"
    assert NAME not in json.loads((folder / RECORD).read_bytes())["sha256"]


def test_an_interrupted_copy_leaves_nothing_half_written(package, folder, monkeypatch):
    copy_chapters(folder)
    (package / NAME).write_text("second")

    def interrupted(*paths):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            copy_chapters(folder)
    assert visible(folder) == ["01_tensors.ipynb", NAME]
    assert (folder / NAME).read_text() == "first"
    assert copy_chapters(folder).written == [NAME]


def test_a_full_disk_is_said_in_one_sentence(package, folder, monkeypatch):
    def full(*paths):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FolderError, match=r"cannot be copied into .*: No space left on device\.$"):
        copy_chapters(folder)
    assert visible(folder) == []


@pytest.mark.parametrize("name", [NAME, RECORD])
def test_a_link_is_never_written_through(package, folder, tmp_path, name):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (folder / name).symlink_to(outside)
    copy_chapters(folder)
    assert outside.read_text() == "precious"
    assert (folder / (NEW if name == NAME else NAME)).read_text() == "first"


def test_a_part_file_is_never_written_through(package, folder, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (folder / f".{NAME}.{os.getpid()}.part").symlink_to(outside)
    copy_chapters(folder)
    assert outside.read_text() == "precious" and (folder / NAME).read_text() == "first"


def test_a_folder_at_a_chapters_place(package, folder):
    (folder / NAME).mkdir()
    assert copy_chapters(folder).beside == {NAME: NEW}


def test_the_authors_own_folder_is_left_alone(package):
    copy_chapters(package)
    assert visible(package) == ["01_tensors.ipynb", NAME] and not (package / RECORD).exists()


def test_a_folder_with_a_hard_name(package, tmp_path):
    folder = prepare(str(tmp_path / "Übung = <b> 'x'; $HOME"))
    copy_chapters(folder)
    assert visible(folder) == ["01_tensors.ipynb", NAME]


def test_a_link_to_a_folder_is_a_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert prepare(str(tmp_path / "link")) == (tmp_path / "real").resolve()


def test_home_is_in_the_checkout(root):
    assert chapters.home().samefile(root / "notebooks")

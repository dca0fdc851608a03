"""Which files are rules, and what cannot be read."""

import os

import pytest

from yzj_daemon.rules import files, load

RULE = '[[rules]]\nid = "a"\nforward_to = ["R:1"]\n'
ALL = "when = { everything = true }\n"


def test_the_files_of_a_directory_are_one_set_in_name_order(tmp_path):
    (tmp_path / "b.toml").write_text(RULE + ALL, encoding="utf-8")
    (tmp_path / "a.toml").write_text('[names]\n"群" = "R:1"\n' + RULE.replace('"a"', '"z"').replace("R:1", "群") + ALL)
    for name in (".hidden.toml", "b.toml~", "#b.toml#", ".#b.toml", "b.toml.swp", "notes.txt", "4913"):
        (tmp_path / name).write_text("not toml [", encoding="utf-8")
    loaded = load.load(tmp_path)
    assert loaded.ruleset is not None
    assert [(rule.id, rule.place.file) for rule in loaded.ruleset.rules] == [("z", "a.toml"), ("a", "b.toml")]
    assert list(loaded.files) == ["a.toml", "b.toml"]


def test_a_volume_of_links_is_read_through_them(tmp_path):
    """As Kubernetes mounts a ConfigMap."""
    data = tmp_path / "..2026_01_01"
    data.mkdir()
    (data / "rules.toml").write_text(RULE + ALL, encoding="utf-8")
    (tmp_path / "..data").symlink_to(data.name)
    (tmp_path / "rules.toml").symlink_to("..data/rules.toml")
    loaded = load.load(tmp_path)
    assert loaded.ruleset is not None
    assert list(loaded.files) == ["rules.toml"]


def test_what_cannot_be_read_is_an_error_and_never_a_smaller_set(tmp_path):
    (tmp_path / "good.toml").write_text(RULE + ALL, encoding="utf-8")
    (tmp_path / "gbk.toml").write_bytes('description = "转发"'.encode("gbk"))
    (tmp_path / "gone.toml").symlink_to("nowhere.toml")
    loaded = load.load(tmp_path)
    assert loaded.ruleset is None
    assert [(f.id, f.file) for f in loaded.findings] == [("not-utf-8", "gbk.toml"), ("unreadable", "gone.toml")]


def test_no_file_and_no_files_are_errors(tmp_path):
    assert [f.id for f in load.load(tmp_path / "rules.toml").findings] == ["unreadable"]
    (tmp_path / "empty").mkdir()
    assert [f.id for f in load.load(tmp_path / "empty").findings] == ["no-rules"]


def test_of_a_single_file_the_name_does_not_matter(tmp_path):
    (tmp_path / ".rules.conf").write_text(RULE + ALL, encoding="utf-8")
    loaded = load.load(tmp_path / ".rules.conf")
    assert loaded.ruleset is not None
    assert list(loaded.files) == [".rules.conf"]


def test_errors_of_all_files_are_told_at_once_in_name_order(tmp_path):
    (tmp_path / "b.toml").write_text(RULE + "priority = 'x'\n" + ALL, encoding="utf-8")
    (tmp_path / "a.toml").write_text("[[rules]\n", encoding="utf-8")
    (tmp_path / "c.toml").write_bytes(b"\xff")
    told = [(f.file, f.line, f.id) for f in load.load(tmp_path).findings]
    assert told == [("a.toml", 1, "toml-syntax"), ("b.toml", 4, "wrong-type"), ("c.toml", 0, "not-utf-8")]


def test_what_is_named_like_a_rule_file_and_is_none_is_an_error(tmp_path):
    (tmp_path / "good.toml").write_text(RULE + ALL, encoding="utf-8")
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    told = [(f.id, f.file) for f in load.load(tmp_path).findings]
    assert told == [("unreadable", "folder.toml"), ("unreadable", "pipe.toml")]


def test_a_directory_below_is_not_looked_into(tmp_path):
    (tmp_path / "rules.toml").write_text(RULE + ALL, encoding="utf-8")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "rules.toml").write_text("no toml [", encoding="utf-8")
    assert list(load.load(tmp_path).files) == ["rules.toml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_an_error(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULE + ALL, encoding="utf-8")
    path.chmod(0)
    [told] = load.load(path).findings
    assert (told.id, told.message.en) == ("unreadable", "no permission to read it")


def test_a_loop_of_links_is_an_error(tmp_path):
    (tmp_path / "rules.toml").symlink_to("rules.toml")
    assert [f.id for f in load.load(tmp_path).findings] == ["unreadable"]


def test_a_name_that_is_no_utf_8_is_an_error_that_can_be_printed(tmp_path):
    name = os.fsdecode(b"\xff.toml")
    (tmp_path / name).write_text(RULE + ALL, encoding="utf-8")
    [told] = load.load(tmp_path).findings
    assert (told.id, told.file) == ("unreadable", "?.toml")


def test_a_file_that_is_too_big_is_not_read_in_part(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULE + ALL, encoding="utf-8")
    os.truncate(path, files.MAX_FILE + 1)
    assert [f.id for f in load.load(path).findings] == ["too-big"]


def test_not_utf_8_is_told_with_the_byte(tmp_path):
    (tmp_path / "rules.toml").write_bytes(b"# \xb9\xe6")
    [told] = load.load(tmp_path).findings
    assert "byte 3" in told.message.en

"""A rule file is written anew whole or not at all."""

import stat

import pytest

from yzj_daemon.rules import files


def test_a_file_is_replaced_with_its_permissions(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text("一", encoding="utf-8")
    file.chmod(0o604)
    files.replace(file, "一", "二")
    assert file.read_text("utf-8") == "二"
    assert stat.S_IMODE(file.stat().st_mode) == 0o604
    assert list(tmp_path.iterdir()) == [file]


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text("theirs", encoding="utf-8")
    with pytest.raises(files.FileChanged):
        files.replace(file, "before", "ours")
    assert file.read_text("utf-8") == "theirs"
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_link_leads_to_is_written(tmp_path):
    (tmp_path / "deep").mkdir()
    real, link, far = tmp_path / "deep" / "real.toml", tmp_path / "near.toml", tmp_path / "far.toml"
    real.write_text("a", encoding="utf-8")
    link.symlink_to("deep/real.toml")
    far.symlink_to(link)
    files.replace(far, "a", "b")
    assert real.read_text("utf-8") == "b"
    assert link.is_symlink()
    assert far.is_symlink()


@pytest.mark.parametrize("name", ["nowhere.toml", "dangling.toml", "read-only.toml"])
def test_what_cannot_be_written_is_an_error(tmp_path, name):
    (tmp_path / "dangling.toml").symlink_to("gone.toml")
    (tmp_path / "read-only.toml").write_text("a", encoding="utf-8")
    (tmp_path / "read-only.toml").chmod(0o444)
    with pytest.raises(OSError):
        files.replace(tmp_path / name, "a", "b")


def test_a_new_file_takes_nobodys_place(tmp_path):
    file = tmp_path / "new.toml"
    files.create(file, "一")
    with pytest.raises(FileExistsError):
        files.create(file, "二")
    assert file.read_text("utf-8") == "一"
    assert list(tmp_path.iterdir()) == [file]

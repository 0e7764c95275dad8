"""The first-run token: shown once, kept as a hash, read by its owner only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tocsin.errors import InputError
from tocsin.serve.token import TOKEN_FILE, first_run_token, hash_token, read_token_hash


def test_it_is_shown_once_and_never_written(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    token = first_run_token(folder)
    assert token is not None
    assert len(token) >= 43  # 32 bytes in base64
    assert first_run_token(folder) is None
    assert read_token_hash(folder) == hash_token(token)
    assert all(token not in path.read_text() for path in folder.iterdir())
    assert [path.name for path in folder.iterdir()] == [TOKEN_FILE]


def test_only_the_owner_may_read_its_hash(tmp_path: Path) -> None:
    first_run_token(tmp_path)
    assert stat.S_IMODE((tmp_path / TOKEN_FILE).stat().st_mode) == 0o600


def test_two_tokens_differ(tmp_path: Path) -> None:
    assert first_run_token(tmp_path / "a") != first_run_token(tmp_path / "b")


@pytest.mark.parametrize("content", [None, "", "abc", "g" * 64, "é" * 64])
def test_a_damaged_hash_is_refused_with_a_remedy(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / TOKEN_FILE).write_text(content, "utf-8")
    with pytest.raises(InputError) as refused:
        read_token_hash(tmp_path)
    assert "start again" in refused.value.remedy

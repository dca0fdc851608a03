"""What is said where the content of messages was not kept (``store.content = "none"``)."""

import sys
from typing import Final

from yzj_daemon.cli import output
from yzj_daemon.cli.session import Session
from yzj_daemon.errors import Phrase, Problem

NOT_KEPT: Final = Phrase("(内容没有保存: store.content = none)", "(content not kept: store.content = none)")


def problem(message_id: str) -> Problem:
    """For what cannot be done without the content."""
    return Problem(
        Phrase(f"消息 {message_id} 的内容没有保存", f"the content of message {message_id} was not kept"),
        Phrase(
            'store.content = "none" 时只保存编号、指纹和决定; messages show 显示这些',
            'with store.content = "none" only ids, fingerprints and decisions are kept; messages show tells them',
        ),
    )


def tell_left_out(session: Session, messages: int) -> None:
    """Beside the answer, on standard error: what it says nothing about."""
    if messages:
        _tell(
            session,
            Phrase(
                f"{messages} 条消息的内容没有保存 (store.content = none), 没有重新判断",
                f"{messages} messages were not decided again: their content was not kept (store.content = none)",
            ),
        )


def tell_unsearched(session: Session, words: str) -> None:
    """A search in texts finds none that were not kept."""
    if words and session.settings.store.content == "none":
        _tell(
            session,
            Phrase(
                "store.content = none: 消息文字没有保存, 按文字搜索不到它们",
                "store.content = none: texts were not kept, so a search by words does not find them",
            ),
        )


def _tell(session: Session, told: Phrase) -> None:
    sys.stderr.write(output.visible(told.to(session.lang)) + "\n")

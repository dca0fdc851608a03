"""The words of trying a message."""

from typing import Final

from yzj_daemon.errors import Phrase

WORDS: Final = {
    "try": Phrase("试一条消息", "Try a message"),
    "try.means": Phrase(
        "看一条消息会被怎样处理, 以及为什么。这里什么都不会发送。",
        "See what would become of a message, and why. Nothing is sent from here.",
    ),
    "try.fields": Phrase("写一条", "Write one"),
    "try.paste": Phrase("粘贴 JSON", "Paste JSON"),
    "try.stored": Phrase("选一条收到过的", "Pick one that was received"),
    "try.text": Phrase("文字", "Text"),
    "try.type": Phrase("类型", "Type"),
    "try.chat": Phrase("会话 (名字或 id)", "Chat (name or id)"),
    "try.sender": Phrase("发送者 (名字或 id)", "Sender (name or id)"),
    "try.account": Phrase("收到它的账号", "Account that receives it"),
    "try.at": Phrase("什么时候收到", "Received at"),
    "try.at.hint": Phrase("空着是现在; 或 2026-03-02T10:00", "empty is now; or 2026-03-02T10:00"),
    "try.json": Phrase(
        "平台推送的 JSON (解密后), 或其中一条", "JSON of the platform (decrypted), or one message of it"
    ),
    "try.submit": Phrase("试一试", "Try it"),
    "try.search": Phrase("文字里有", "Text contains"),
    "try.none": Phrase("没有这样的消息", "No such message"),
    "try.result": Phrase("结果", "Result"),
    "try.nothing": Phrase("写点什么, 再试", "Say something to try"),
    "try.by_now": Phrase("按现在的规则", "By the rules in force"),
    "try.by_then": Phrase("按当时的规则", "By the rules of then"),
    "try.of": Phrase("收到的消息 {id}", "Stored message {id}"),
    "try.empty": Phrase("左边写好一条消息, 这里就显示为什么", "Say which message on the left; why is shown here"),
    "try.first": Phrase("里面有更多消息, 只显示前 {n} 条", "It holds more messages; the first {n} are shown"),
}

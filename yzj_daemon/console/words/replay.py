"""The words of replays."""

from typing import Final

from yzj_daemon.errors import Phrase

WORDS: Final = {
    "replay": Phrase("补发", "Replay"),
    "replay.means": Phrase(
        "用现在的规则重新判断以前收到的消息, 把该转发而没有转发的补上。"
        "先数一数, 确认后才发送; 收到过的会话不会再收到。",
        "Decides by the rules in force what was received before, and forwards what was not. It is counted first and "
        "sent when you confirm; a chat that got a message does not get it again.",
    ),
    "replay.of_message": Phrase("补发这一条", "Replay it"),
    "replay.which": Phrase("哪些消息", "Which messages"),
    "replay.message": Phrase("消息 {id}", "Message {id}"),
    "replay.since": Phrase("最近收到的", "Received in the last"),
    "replay.rule": Phrase("只按这条规则", "Only by this rule"),
    "replay.every": Phrase("所有规则", "all rules"),
    "replay.again": Phrase("收到过的会话也再发一次", "Also to chats that got it already"),
    "replay.count": Phrase("数一数", "Count"),
    "replay.count.first": Phrase("先数一数会转发多少", "Count first how much it would be"),
    "replay.result": Phrase("结果", "Result"),
    "replay.would": Phrase("会转发 {n} 条", "{n} deliveries would be made"),
    "replay.nothing": Phrase("没有要补发的", "There is nothing to replay"),
    "replay.sent": Phrase(
        "{n} 条已排队, 按账号的速度发出", "{n} deliveries are queued and leave at the accounts' pace"
    ),
    "replay.watch": Phrase("看它们怎么样了", "Watch what becomes of it"),
    "replay.stopped": Phrase("提前停止了, 下面只是看过的部分", "Stopped early; what follows is of what was seen"),
    "replay.messages": Phrase("看过的消息", "Messages seen"),
    "replay.matched": Phrase("匹配", "Matched"),
    "replay.had": Phrase("已收到过, 不再发", "Had it already, not sent"),
    "replay.left_out": Phrase("超过一次补发的上限, 不发", "Beyond what one replay sends"),
    "replay.without": Phrase("原文没有保存, 不能转发", "Content not kept, cannot be forwarded"),
    "replay.forward": Phrase("现在补发", "Forward these now"),
    "replay.forward.means": Phrase(
        "会发出 {n} 条转发, 不能撤回。谁做的会被记录。",
        "{n} deliveries will be sent and cannot be taken back. Who did it is recorded.",
    ),
    "replay.forward.twice": Phrase("有的会话会收到两次。", "Some chats get it twice."),
    "replay.operators": Phrase("只有操作员可以补发", "Only an operator may forward"),
    "replay.other_rules": Phrase("数过以后规则变了, 请重新数", "The rules changed since the count; count again"),
}

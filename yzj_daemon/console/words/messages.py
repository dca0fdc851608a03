"""The words of the messages: the list, and one of them with its timeline and its rules."""

from typing import Final

from yzj_daemon.errors import Phrase

WORDS: Final = {
    "messages": Phrase("消息", "Messages"),
    "messages.received": Phrase("收到", "Received"),
    "messages.from": Phrase("来自", "From"),
    "messages.in": Phrase("会话", "Chat"),
    "messages.by": Phrase("发送者", "Sender"),
    "messages.account": Phrase("账号", "Account"),
    "messages.text": Phrase("内容", "Text"),
    "messages.outcome": Phrase("结果", "Outcome"),
    "messages.wordless": Phrase("(没有文字)", "(no text)"),
    "messages.hidden": Phrase("看不到这条消息里面", "nobody can see inside this message"),
    "messages.not_kept": Phrase(
        "内容没有保存 (store.content = none)", "the content was not kept (store.content = none)"
    ),
    "messages.unsearched": Phrase(
        "设置 store.content = none: 内容没有保存的消息, 按文字找不到",
        "store.content = none: messages whose content was not kept are not found by their words",
    ),
    "messages.none": Phrase("没有消息符合这些条件", "No message is like that"),
    "messages.none_yet": Phrase("还没有收到消息", "No message was received yet"),
    "messages.named": Phrase("编号 {id} 是", "The id {id} names"),
    "messages.named.message": Phrase("消息 {id}", "Message {id}"),
    "messages.named.delivery": Phrase("转发 {id}", "Delivery {id}"),
    "messages.named.call": Phrase("调用 {id}", "Call {id}"),
    "messages.named.chat": Phrase("会话: 它的消息", "A chat: its messages"),
    "messages.named.sender": Phrase("一个人: 发过的消息", "A person: what they sent"),
    "messages.newer": Phrase("有 {n} 条新消息, 点这里显示", "New messages ({n}): show them"),
    "messages.newer.many": Phrase("有 {n} 条以上新消息, 点这里显示", "New messages ({n} and more): show them"),
    "messages.gone": Phrase(
        "没有消息 {id}。它可能早于 store.retention", "There is no message {id}. It may be older than store.retention"
    ),
    "messages.one": Phrase("消息 {id}", "Message {id}"),
    "messages.back": Phrase("全部消息", "All messages"),
    "messages.type": Phrase("类型", "Type"),
    "messages.written": Phrase("发送于", "Written"),
    "messages.source.callback": Phrase("回调推送", "callback"),
    "messages.source.pull": Phrase("主动拉取", "pull"),
    "messages.source.file": Phrase("文件", "file"),
    "messages.self_sent": Phrase("托管账号自己发的", "sent by a hosted account"),
    "messages.copies": Phrase("其他账号也收到", "Other accounts received it, too"),
    "messages.of_chat": Phrase("这个会话的消息", "messages of this chat"),
    "messages.of_sender": Phrase("这个人的消息", "messages of this sender"),
    "messages.decision": Phrase("决定", "Decision"),
    "messages.undecided": Phrase("没有决定的记录", "No decision is on record"),
    "messages.matched_by": Phrase("匹配的规则", "Rules that matched"),
    "messages.near": Phrase("差一点匹配", "Near misses"),
    "messages.near.why": Phrase("{rule}: 只差 {key}", "{rule}: only {key} failed"),
    "messages.suppressed": Phrase("被拦下", "Kept back"),
    "messages.errors": Phrase("规则出错", "Rules that failed"),
    "messages.deliveries": Phrase("转发", "Deliveries"),
    "messages.no_deliveries": Phrase("没有转发", "Nothing was owed to anybody"),
    "messages.to": Phrase("目标", "To"),
    "messages.state": Phrase("状态", "State"),
    "messages.tries": Phrase("次数", "Tries"),
    "messages.rules": Phrase("规则", "Rules"),
    "messages.delivery": Phrase("编号", "Id"),
    "messages.timeline": Phrase("经过", "What happened"),
    "messages.tree": Phrase("为什么: 逐条规则", "Why: rule by rule"),
    "messages.tree.show": Phrase("显示每条规则的判断", "Show what each rule made of it"),
    "messages.tree.all": Phrase("显示全部规则", "Show all rules"),
    "messages.tree.then": Phrase("收到时的规则", "The rules of then"),
    "messages.tree.now": Phrase("现在的规则", "The rules of now"),
    "messages.original": Phrase("原文", "The original"),
    "messages.original.hint": Phrase("与平台推送的逐字节相同", "as the platform sent it, byte for byte"),
    "timeline.written": Phrase("发送者发出", "Written by its sender"),
    "timeline.callback": Phrase("回调收到", "Received by callback"),
    "timeline.pull": Phrase("拉取到", "Pulled"),
    "timeline.file": Phrase("从文件读入", "Read from a file"),
    "timeline.decided": Phrase("决定", "Decided"),
    "timeline.call": Phrase("调用 {id} 转发到", "Call {id}, to"),
    "timeline.sent": Phrase("调用 {id}: 平台接受, 用时 {seconds} 秒", "Call {id}: accepted after {seconds} s"),
    "timeline.deferred": Phrase(
        "调用 {id}: 没有发出, 会再试, 用时 {seconds} 秒", "Call {id}: not sent, tried again; after {seconds} s"
    ),
    "timeline.refused": Phrase("调用 {id}: 平台拒绝, 用时 {seconds} 秒", "Call {id}: refused after {seconds} s"),
    "timeline.unanswered": Phrase(
        "调用 {id}: 没有明确的回答, 用时 {seconds} 秒", "Call {id}: no definite answer after {seconds} s"
    ),
    "timeline.ended": Phrase("调用 {id}: 结束, 用时 {seconds} 秒", "Call {id}: ended after {seconds} s"),
}

"""The words of drafts of rule files."""

from typing import Final

from yzj_daemon.errors import Phrase

WORDS: Final = {
    "draft": Phrase("规则草稿", "Draft of the rules"),
    "draft.of_message": Phrase("改规则, 看它会怎样", "Change the rules for it"),
    "draft.file": Phrase("文件", "File"),
    "draft.open": Phrase("打开", "Open"),
    "draft.new": Phrase("新建文件", "Begin a new file"),
    "draft.new.name": Phrase("新文件名", "Name of the new file"),
    "draft.new.begin": Phrase("开始写", "Begin"),
    "draft.new.is": Phrase("新文件", "new file"),
    "draft.new.begins": Phrase(
        """\
# 一条规则: 哪些消息, 转发到哪里。先把空着的填上, 下面会说哪里不对; 写好并应用以后才会生效。
# 用语和更多条件见文档“规则”。

[[rules]]
id = ""            # 规则的名字, 不能重复
description = ""   # 它做什么, 给人看的
forward_to = []    # 转发到哪些会话: ["R:…"], 或 [names] 里的名字

[rules.when]
contains = []      # 消息里有其中一个词就匹配: ["退款", "退货"]
""",
        """\
# One rule: which messages, and to whom. Fill in what is empty; mistakes are told as you write, and nothing is in
# force before you apply it. All conditions and options are in the documentation, "Rules".

[[rules]]
id = ""            # the rule's name, of which there is only one
description = ""   # what it does, for people
forward_to = []    # chats that get the message: ["R:…"], or names from [names]

[rules.when]
contains = []      # any of these words in the message: ["refund", "return"]
""",
    ),
    "draft.nothing": Phrase("没有可以编辑的规则文件", "There is no rule file to edit"),
    "draft.no_file": Phrase("没有规则文件 {file}", "There is no rule file {file}"),
    "draft.no_mode": Phrase(
        "文件里找不到规则 {rule} 可以改成 {mode} 的地方, 请自己在文件里写 mode",
        "The file has no place where rule {rule} can be made {mode}; write its mode by hand",
    ),
    "draft.check": Phrase("检查", "Check"),
    "draft.download": Phrase("下载草稿", "Download the draft"),
    "draft.apply": Phrase("应用", "Apply"),
    "draft.apply.means": Phrase(
        "写入 {file}, 立即生效。以前的版本留在历史里, 随时可以恢复; 谁做的会被记录。已经收到的消息不受影响。",
        "Writes {file}, which is in force at once. The version before stays in the history and can be put back. "
        "Who did it is recorded. Messages already received stay as they are.",
    ),
    "draft.apply.means_new": Phrase(
        "新建 {file}, 立即生效。可以随时撤销, 撤销时文件会删去; 谁做的会被记录。已经收到的消息不受影响。",
        "Makes {file}, which is in force at once. It can be undone at any time, which removes the file. Who did it is "
        "recorded. Messages already received stay as they are.",
    ),
    "draft.not_applied": Phrase(
        "草稿有错误, 没有写入; 文件和原来一样", "The draft has errors; nothing was written and the file is as it was"
    ),
    "draft.operators": Phrase(
        "只读身份不能应用草稿, 可以下载后交给操作员", "A viewer cannot apply a draft; download it for an operator"
    ),
    "draft.hindered": Phrase("这里不能应用草稿, 可以下载:", "A draft cannot be applied here; download it:"),
    "draft.stale": Phrase(
        "{file} 在你写草稿的时候被别人改过, 没有写入",
        "{file} was changed by somebody else meanwhile; nothing was written",
    ),
    "draft.stale.differs": Phrase("文件现在的样子 (−) 和你的草稿 (+)", "The file as it is now (−) and your draft (+)"),
    "draft.stale.now": Phrase("文件现在的全文", "All of the file as it is now"),
    "draft.stale.draft": Phrase("草稿的全文", "All of the draft"),
    "draft.stale.go_on": Phrase("继续改我的草稿", "Go on with my draft"),
    "draft.stale.anew": Phrase("放弃草稿, 从文件现在的样子开始", "Drop my draft and begin from the file"),
    "draft.big": Phrase(
        "规则很多, 不会边写边检查; 写好后按“检查”", "There are many rules: the draft is checked when you press Check"
    ),
    "draft.checked": Phrase("检查结果", "Check"),
    "draft.checking": Phrase("正在检查…", "Checking…"),
    "draft.good": Phrase("可以使用", "Good"),
    "draft.counts": Phrase(
        "{rules} 条规则, {examples} 个例子通过, {warnings} 个警告",
        "{rules} rules, {examples} examples pass, {warnings} warnings",
    ),
    "draft.bad": Phrase("{n} 个错误", "Errors: {n}"),
    "draft.bad.means": Phrase("这样写不会生效", "written like this it cannot come into force"),
    "draft.line": Phrase("{line} 行 {column} 列", "{line}:{column}"),
    "draft.findings.more": Phrase("还有 {n} 条", "{n} more"),
    "draft.against": Phrase("和现在生效的相比:", "Against the rules in force:"),
    "draft.same": Phrase("规则和现在生效的一样", "The rules are those in force"),
    "draft.examples": Phrase("例子 {passed}/{all} 通过", "Examples: {passed} of {all} pass"),
    "draft.examples.more": Phrase("还有 {n} 个例子通过", "{n} more examples pass"),
    "draft.expect.match": Phrase("应当匹配", "match"),
    "draft.expect.no-match": Phrase("应当不匹配", "no match"),
    "draft.follow": Phrase("盯住一条消息", "Follow one message"),
    "draft.follow.means": Phrase(
        "写上消息编号, 边改边看它会不会被转发", "Give a message's id, and see what becomes of it while you write"
    ),
    "draft.message": Phrase("消息编号", "Message id"),
    "draft.followed.before": Phrase("按现在生效的规则", "By the rules in force"),
    "draft.followed.after": Phrase("按草稿", "By the draft"),
    "draft.preview": Phrase("拿最近的消息比一比", "Against the last days"),
    "draft.preview.means": Phrase(
        "用收到过的消息看看: 草稿会多转发什么, 少转发什么。什么都不会发送。",
        "What the draft would forward of what was received, and what no longer. Nothing is sent.",
    ),
    "draft.since": Phrase("最近", "The last"),
    "draft.preview.start": Phrase("比一比", "Preview"),
    "jobs.busy": Phrase("正在做的太多, 等一会儿再试", "Too much is going on already; try again in a while"),
    "jobs.gone": Phrase("结果已经不在了, 请再做一次", "The result is gone; start it again"),
    "jobs.going": Phrase("看了 {done} / {whole} 条消息", "{done} of {whole} messages seen"),
    "jobs.progress": Phrase("进度", "Progress"),
    "jobs.stop": Phrase("到此为止", "Stop here"),
    "draft.preview.failed": Phrase("草稿有错误, 没法比", "The draft has errors; nothing was compared"),
    "draft.preview.stopped": Phrase("提前停止了。", "Stopped early."),
    "draft.preview.late": Phrase("用时太长, 提前停止了。", "It took too long and was broken off."),
    "draft.preview.seen": Phrase(
        "只看了 {whole} 条里较早的 {done} 条, 下面说的是这些。",
        "Of {whole} messages the older {done} were seen; what follows is of these.",
    ),
    "draft.preview.left_out": Phrase("更早的 {n} 条消息没有看", "{n} older messages were not looked at"),
    "draft.preview.without": Phrase(
        "{n} 条消息的原文没有保存, 没法比", "{n} messages whose content was not kept were left out"
    ),
    "draft.preview.messages": Phrase("消息", "Messages"),
    "draft.preview.deliveries": Phrase("转发", "Deliveries"),
    "draft.preview.rule": Phrase("匹配 {before} → {after}", "matched {before} → {after}"),
    "draft.preview.more": Phrase("还有 {n} 条", "{n} more"),
    "draft.preview.rules_left": Phrase("还有 {n} 条规则有变化", "{n} more rules change"),
    "draft.preview.same": Phrase("{n} 条规则没有变化", "{n} rules do the same as before"),
}

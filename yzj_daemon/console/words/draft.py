"""The words of drafts of rule files."""

from typing import Final

from yzj_daemon.errors import Phrase

WORDS: Final = {
    "draft": Phrase("规则草稿", "Draft of the rules"),
    "draft.file": Phrase("文件", "File"),
    "draft.open": Phrase("打开", "Open"),
    "draft.nothing": Phrase("没有可以编辑的规则文件", "There is no rule file to edit"),
    "draft.no_file": Phrase("没有规则文件 {file}", "There is no rule file {file}"),
    "draft.no_mode": Phrase(
        "文件里找不到规则 {rule} 可以改成 {mode} 的地方, 请自己在文件里写 mode",
        "The file has no place where rule {rule} can be made {mode}; write its mode by hand",
    ),
    "draft.leaving": Phrase("草稿还没有保存", "The draft is not saved"),
    "draft.check": Phrase("检查", "Check"),
    "draft.download": Phrase("下载草稿", "Download the draft"),
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
    "draft.preview.busy": Phrase("正在比的太多, 等一会儿再试", "Too many previews are going on; try again in a while"),
    "draft.preview.gone": Phrase("这次比较已经不在了, 请再比一次", "That preview is gone; start it again"),
    "draft.preview.going": Phrase("看了 {done} / {whole} 条消息", "{done} of {whole} messages seen"),
    "draft.preview.stop": Phrase("到此为止", "Stop here"),
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

"""The words of the overview."""

from typing import Final

from yzj_daemon.errors import Phrase

WORDS: Final = {
    "overview": Phrase("总览", "Overview"),
    "overview.attention": Phrase("需要处理", "Needs attention"),
    "overview.calm": Phrase("一切正常, 没有需要处理的事", "All is well; nothing needs attention"),
    "overview.elsewhere": Phrase("见下面的账号和规则", "See the accounts and the rules below"),
    "overview.hour": Phrase("最近一小时", "The last hour"),
    "overview.hour.since": Phrase("从守护进程启动 ({at}) 算起", "since the daemon started ({at})"),
    "overview.received": Phrase("收到", "Received"),
    "overview.matched": Phrase("匹配", "Matched"),
    "overview.forwarded": Phrase("转发成功的调用", "Calls that forwarded"),
    "overview.failed": Phrase("失败的调用", "Calls that failed"),
    "overview.chart": Phrase(
        "{what}: 一小时内 {n}, 每分钟最多 {most}", "{what}: {n} in an hour, at most {most} a minute"
    ),
    "overview.accounts": Phrase("账号与队列", "Accounts and lanes"),
    "overview.account": Phrase("账号", "Account"),
    "overview.state": Phrase("状态", "State"),
    "overview.lane": Phrase("队列", "Lane"),
    "overview.depth": Phrase("等待", "Waiting"),
    "overview.oldest": Phrase("最久", "Oldest"),
    "overview.drain": Phrase("还需", "Drains in"),
    "overview.drain.person": Phrase("要等人处理", "needs a person"),
    "overview.todo": Phrase("该做什么", "What to do"),
    "overview.nothing_to_do": Phrase("不用处理", "nothing"),
    "overview.no_accounts": Phrase(
        "还没有见到托管账号。检查平台设置 (api.*) 和回调地址, 等一分钟。",
        "No hosted account was seen yet. Check api.* and the callback's URL, and wait a minute.",
    ),
    "overview.rules": Phrase("规则", "Rules"),
    "overview.rules.refused": Phrase(
        "磁盘上的规则有 {n} 个错误, 没有生效; 仍在使用上一份",
        "The rules on disk have {n} errors and are not in force; the set before still decides",
    ),
    "overview.rules.more": Phrase("还有 {n} 个, 见 yzj-daemon check", "{n} more: yzj-daemon check"),
    "overview.rules.count": Phrase("{n} 条规则", "{n} rules"),
    "overview.rules.hash": Phrase("版本", "Version"),
    "overview.rules.since": Phrase("生效于", "In force since"),
    "overview.rules.path": Phrase("文件", "Files"),
    "overview.rules.good": Phrase("与磁盘一致", "as on disk"),
    "overview.rules.bad": Phrase("磁盘上的没有生效", "not as on disk"),
    "overview.daemon": Phrase("守护进程", "Daemon"),
    "overview.version": Phrase("程序版本", "Program"),
    "overview.uptime": Phrase("已运行", "Running for"),
    "overview.deliveries": Phrase("转发", "Deliveries"),
    "overview.dry_run": Phrase("试运行: 只决定, 不转发", "dry run: decides, forwards nothing"),
}

"""The words of the door: logging in, links, and what keeps somebody out."""

from typing import Final

from yzj_daemon.errors import Phrase

WORDS: Final = {
    "entrance.title": Phrase("登录", "Log in"),
    "entrance.name": Phrase("你的名字", "Your name"),
    "entrance.name.hint": Phrase("你做的操作会以这个名字记录", "what you do is recorded under it"),
    "entrance.password": Phrase("密码", "Password"),
    "entrance.submit": Phrase("登录", "Log in"),
    "entrance.wrong": Phrase(
        "密码不对。密码在设置 ops.password 里",
        "That is not the password. It stands in the setting ops.password",
    ),
    "entrance.wait": Phrase(
        "错误次数太多, 请等 {seconds} 秒再试",
        "Too many wrong passwords; try again in {seconds} s",
    ),
    "entrance.no_name": Phrase("请写上名字(最多 40 个字)", "Give a name, of up to 40 characters"),
    "entrance.no_password": Phrase(
        "还没有设置密码。在运行守护进程的机器上执行这个命令, 打开它给出的链接:",
        "No password is set. On the machine that runs the daemon, run this and open the link it prints:",
    ),
    "entrance.or_password": Phrase(
        "或者设置 ops.password, 重启后用密码登录。",
        "Or set ops.password and restart, to log in with a password.",
    ),
    "entrance.used": Phrase(
        "这个链接已经用过或过期了。请再运行一次 yzj-daemon console",
        "This link was used already or is too old. Run yzj-daemon console once more",
    ),
    "entrance.elsewhere": Phrase(
        "没有设置密码时, 控制台只对本机开放。请设置 ops.password, 或用 SSH 隧道访问",
        "Without a password the console serves this machine alone. Set ops.password, or come through an SSH tunnel",
    ),
    "entrance.host": Phrase(
        "控制台不认识主机名 {host}。如果是你的, 请把它加进设置 ops.allowed_hosts",
        "The console does not know the host name {host}. If it is yours, add it to the setting ops.allowed_hosts",
    ),
    "entrance.stale": Phrase(
        "页面太旧或来自别处, 操作没有执行。请重新打开页面再试",
        "The page was too old or came from elsewhere; nothing was done. Open the page again and retry",
    ),
    "entrance.role": Phrase(
        "只读身份不能做这个操作。请用操作员密码登录",
        "A viewer may not do that. Log in with the operator's password",
    ),
    "entrance.nothing": Phrase("没有这个页面", "There is no such page"),
    "entrance.too_big": Phrase("发来的内容太大", "What was sent is too big"),
    "entrance.unwell": Phrase(
        "控制台出了意外的错误, 详情在守护进程的日志里 (console.failed)",
        "The console failed in a way nobody expected; the daemon's log tells more (console.failed)",
    ),
}

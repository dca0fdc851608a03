"""The words of why a message was or was not forwarded (``decision.html``)."""

from typing import Final

from yzj_daemon.errors import Phrase
from yzj_daemon.wording import verdicts

WORDS: Final = {
    "tree.and": Phrase("、", ", "),
    "tree.by": Phrase("规则集", "Rule set"),
    "tree.then": Phrase("收到时的决定", "Decided on receipt"),
    "tree.by_state": verdicts.BY_STATE,
    "tree.text": Phrase("内容", "Text"),
    "tree.no_text": Phrase("(没有文字)", "(no words)"),
    "tree.unseen": verdicts.UNSEEN,
    "tree.near": Phrase("差一点", "near miss"),
    "tree.rule": Phrase("看这条规则", "the rule"),
    "tree.left": Phrase("还有 {n} 条规则, 离匹配更远", "{n} more rules, further from matching"),
    "tree.no_rules": Phrase("规则集里没有启用的规则", "No rule of the set is switched on"),
    "tree.wanted": Phrase("要求", "wanted"),
    "tree.is": Phrase("实际", "is"),
    "tree.hidden": Phrase("看不到里面, 无法判断", "cannot see inside, nobody can tell"),
    "tree.holds": Phrase("符合", "holds"),
    "tree.fails": Phrase("不符合", "fails"),
    "tree.unknown": Phrase("无法判断", "unknown"),
}

"""What is sent and by which rules it is decided: the same for every run."""

import base64
import json
from random import Random

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from yzj_daemon.message import Message

KEY = "bench-encoding-aes-key-32-chars!"
ACCOUNT = "1688850000000001"
MATCHING = 100
"""One message in so many matches a rule."""

_CHARS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同"
    "工也能下过子说产种面而方后多定行学法所民得经"
)


_ASKING = (
    'contains = ["{word}"]',
    'type = ["text"]\ncontains = ["{word}"]',
    "regex = ['{word}(元|块)?']",
)


def rules(count: int) -> str:
    """So many rules of a few kinds; the first one matches what holds ``word(0)``."""
    return "".join(map(_rule, range(count)))


def _rule(number: int) -> str:
    asking = _ASKING[number % len(_ASKING)].replace("{word}", word(number))
    return f'[[rules]]\nid = "r{number}"\nforward_to = ["R:{number}"]\n[rules.when]\n{asking}\n'


def rulebook(count: int, *, wrong: bool = False) -> str:
    """So many rules as people write them: with names, a list, a window, a description, and an example that holds.

    ``wrong``: every example expects what its rule does not do.
    """
    names = "".join(f'"群{n}" = "R:{n}"\n' for n in range(count))
    head = f'[names]\n{names}[lists]\n"运营" = ["群0", "群1"]\n[windows."上班"]\nhours = ["09:00-18:00"]\n'
    whole = head + "".join(_described(number, count) for number in range(count))
    return whole.replace('expect = "match"', 'expect = "no-match"') if wrong else whole


def _described(number: int, count: int) -> str:
    example = f'[[rules.examples]]\nmessage = {{ text = "{word(number)}" }}\nexpect = "match"\n'
    rule = _rule(number).replace(f'["R:{number}"]', f'["群{(number + 7) % count}", "运营"]')
    return rule.replace("\n[rules.when]", '\ndescription = "转给运营"\nduring = ["上班"]\n[rules.when]') + example


def word(number: int) -> str:
    """A keyword of the characters that texts are made of: its beginning stands everywhere, all of it hardly ever."""
    return "".join(Random(number).choices(_CHARS, k=6))


def texts(count: int) -> list[str]:
    dice = Random("texts")
    said = ["".join(dice.choices(_CHARS, k=dice.randint(8, 60))) for _ in range(count)]
    return [text + word(0) if n % MATCHING == 0 else text for n, text in enumerate(said)]


def message(text: str) -> Message:
    return Message(
        account=ACCOUNT,
        id="1",
        chat="R:10900000000000001",
        chat_type="room",
        sender="7881300000000001",
        type="text",
        sent_at=0,
        text=text,
        content="{}",
    )


def bodies(count: int) -> list[bytes]:
    """Encrypted callbacks of one text message each, as the platform writes them."""
    return [sealed(plain(n, text)) for n, text in enumerate(texts(count))]


def matching(count: int, accounts: int = 1) -> list[bytes]:
    """The same, of messages that all match, to so many accounts in turn; each text ends in its number."""
    said = (f"{word(0)} {number}" for number in range(count))
    return [sealed(plain(n, text, account(n % accounts))) for n, text in enumerate(said)]


def account(number: int) -> str:
    """So many behind the first one."""
    return str(int(ACCOUNT) + number)


def plain(number: int, text: str, account: str = ACCOUNT) -> bytes:
    """What is encrypted: one notification with one message to ``account``."""
    message = {
        "msg_type": "text",
        "svrid": f"70000000000{number:08}",
        "wx_svrid": f"1000000{number:08}",
        "from_wxid": f"78813{number % 5000:011}",
        "to_wxid": "R:10900000000000001",
        "chat_wxid": "R:10900000000000001",
        "wxid": account,
        "chat_type": 2,
        "content": {"items": [{"type": "text", "text": text}]},
    }
    return json.dumps([{"type": "chatMsg", "rel_wxid": account, "data": [message]}], ensure_ascii=False).encode()


def sealed(plain: bytes) -> bytes:
    pad = 32 - len(plain) % 32
    encryptor = Cipher(AES(KEY.encode()), CBC(KEY.encode()[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize())

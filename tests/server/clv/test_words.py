"""Everything the room says is said in German too."""

import ast
import re
from pathlib import Path

import stammkunde.server.clv as room

ROOM = Path(room.__file__).parent
TAG = re.compile(r"""{%\s*translate\s+(?:"([^"]*)"|'([^']*)')""")
BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)


def said() -> set[str]:
    """Every sentence of templates and code, the singular of those with two forms."""
    found = set()
    for path in ROOM.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= {(one or other).replace("%", "%%") for one, other in TAG.findall(text)}
        for block in BLOCK.findall(text):
            single = re.split(r"{%\s*plural\s*%}", block)[0].replace("%", "%%")
            found.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", single))
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_" and node.args:
                found.add(str(ast.literal_eval(node.args[0])))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tell":
                found |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


def test_every_sentence_has_its_german_one() -> None:
    catalogue = (ROOM / "locale" / "de" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    pairs = re.findall(r'^msgid "(.+)"\n(?:msgid_plural ".+"\n)?msgstr(?:\[0\])? "(.*)"$', catalogue, re.MULTILINE)
    known = {english.replace('\\"', '"') for english, german in pairs if german}
    assert said() - known == set()
    assert known - said() == set()

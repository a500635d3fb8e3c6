"""How many personal mails a CPU second makes: filled in as HTML and text, and built as bytes.

    python benchmarks/mail_render.py [--mails 2000]

The mail is a newsletter of about 11 kB HTML with four products, a button and a plain-text part, in German, each for
another customer. No database is asked: what a mail is told (`contexts`) is measured with the sending as a whole.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

BLOCKS: list[dict[str, Any]] = [
    {"kind": "heading", "text": {"en": "The first flush has arrived", "de": "Die erste Ernte ist da"}},
    {
        "kind": "text",
        "text": {
            "en": "Dear {{ customer.first_name }}, every spring we wait for [the first leaves](https://shop.example/s)."
            " You have been with us since {{ customer.since }}.\n\n- picked by hand\n- flown in within a week",
            "de": "Hallo {{ customer.first_name }}, jedes Frühjahr warten wir auf [die ersten Blätter]"
            "(https://shop.example/s). Seit {{ customer.since }} sind Sie bei uns.\n\n- von Hand gepflückt\n- in einer"
            " Woche eingeflogen",
        },
    },
    {
        "kind": "button",
        "label": {"en": "To the first flush", "de": "Zur ersten Ernte"},
        "link": "https://shop.example/spring",
    },
    {"kind": "products", "pick": "related", "most": 4},
]
MAIL: dict[str, Any] = {
    "key": "spring",
    "name": {"en": "Spring", "de": "Frühling"},
    "purpose": "newsletter",
    "subject": {
        "en": "{{ customer.first_name }}, the first flush has arrived",
        "de": "{{ customer.first_name }}, die erste Ernte ist da",
    },
    "preheader": {"en": "Picked in March", "de": "Im März gepflückt"},
    "blocks": BLOCKS,
}


def contexts(number: int) -> list[dict[str, Any]]:
    """What each of so many customers is told."""
    from stammkunde.server.mail.rendering import samples

    found = []
    for each in range(number):
        context = samples.sample("de-sie")
        context["customer"] |= {"first_name": f"Anna{each}", "name": f"Anna{each} Muster"}
        grid = samples.products("de-sie", 4)
        for place, product in enumerate(grid):
            product["image"] = f"https://shop.example/images/{each % 97}-{place}.jpg"
        found.append({**context, "products": {"b3": grid}})
    return found


def measured(work: Callable[[int], object], number: int) -> float:
    """So many per CPU second."""
    began = time.process_time()
    for each in range(number):
        work(each)
    return number / (time.process_time() - began)


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--mails", type=int, default=2000)
    number = asked.parse_args().mails
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stammkunde.server.settings")
    import django

    django.setup()
    from stammkunde.server.mail.rendering.compiling import compile_document
    from stammkunde.server.mail.rendering.documents import read
    from stammkunde.server.mail.rendering.mime import Letter, build
    from stammkunde.server.mail.rendering.rendering import Renderer

    document = read(MAIL)
    compiled = compile_document(document, voice="de-sie")
    renderer, told = Renderer(document, compiled), contexts(number)
    made = [renderer.render(each) for each in told]
    now = datetime.now(UTC)

    def letter(each: int) -> bytes:
        mail = made[each]
        return build(
            Letter(
                from_address="hallo@shop.example",
                from_name="Teehaus Müller",
                to_address=f"anna{each}@example.com",
                to_name=f"Anna{each} Muster",
                subject=mail.subject,
                html=mail.html,
                text=mail.text,
                message_id=f"<{each}@shop.example>",
                date=now,
                unsubscribe=f"https://shop.example/p/u/{each}",
            )
        )

    figures = {
        "compiled, one voice": measured(lambda _each: compile_document(document, voice="de-sie"), 50),
        "rendered": measured(lambda each: renderer.render(told[each]), number),
        "built as bytes": measured(letter, number),
        "both": measured(lambda each: (renderer.render(told[each]), letter(each)), number),
    }
    size = len(made[0].html.encode()), len(made[0].text.encode()), len(letter(0))
    print("HTML {:,} bytes, text {:,}, whole mail {:,}".format(*size))
    for name, figure in figures.items():
        print(f"{name:20} {figure:8,.0f} per CPU second")


if __name__ == "__main__":
    sys.exit(main())

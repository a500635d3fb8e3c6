"""Two workers at once never give a slot twice."""

import threading
from datetime import datetime

import pytest
from django.db import connection

from attention_people import Post
from stammkunde.server.mail.attention.choosing import Verdict, choose
from stammkunde.server.mail.models import Attention, Send


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_with_a_message_each_one_gets_the_slot_of_each_customer(now: datetime) -> None:
    post, workers = Post(now), 8
    post.sender.gap_hours = 0  # nothing but the slot itself keeps them apart
    people = [post.person(f"Person {number}") for number in range(20)]
    for number in range(workers):
        for customer in people:
            post.plan(customer, "vip", 10 + number)
    held = [post.claim(f"worker {number}", most=len(people)) for number in range(workers)]
    start, found = threading.Barrier(workers), []
    lock = threading.Lock()

    def work(sends: list[Send]) -> None:
        start.wait()
        try:
            verdicts = choose(sends, now=now, sender=post.sender)
        finally:
            connection.close()
        with lock:
            found.extend(verdicts)

    threads = [threading.Thread(target=work, args=(sends,)) for sends in held]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    gone: list[Verdict] = [each for each in found if each.outcome == "go"]
    assert len(found) == workers * len(people)
    assert len(gone) == len({each.send.customer_id for each in gone}) == len(people)
    assert all(each.send.expected == 10 + workers - 1 for each in gone)  # the best of all, whoever holds it
    assert set(Attention.objects.values_list("send_id", flat=True)) == {each.send.pk for each in gone}

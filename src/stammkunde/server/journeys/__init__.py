"""DO: sequences of steps, the people on them, what happens next, and what would have happened.

Writes enrolments and their traces. Refuses to send: it plans messages, which `mail` sends or does not.
"""

"""The rule language: its shape, the facts it may ask for, its SQL, its words, and rules to begin with.

A rule is data (JSON), so it can be kept, compared, exported and written by other programs. It is read once into the
dataclasses of `language`; everything else takes those.
"""

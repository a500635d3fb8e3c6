"""Flows to begin with: each a file with a journey and its finished mails, in German and English.

A shop copies one, looks at it, fills in what only the shop can know, and switches it on. A new flow is a new file.
"""

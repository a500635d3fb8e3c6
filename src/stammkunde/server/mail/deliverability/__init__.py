"""Whether mail to many would arrive: what the name system says of the sender's domain, and what is set here.

Every finding has a code, a level and, where a record of the name system would mend it, that record to be copied.
"""

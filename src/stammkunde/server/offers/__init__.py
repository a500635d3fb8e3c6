"""DECIDE: coupon pools: who was given which code, how much it takes off, until when.

Writes the codes it hands out. Refuses to know in which message a code stands.
"""

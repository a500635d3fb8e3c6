"""DECIDE: coupon pools: who was given which code, how much it takes off, until when; and which products suit whom.

Writes the codes it hands out, and what sells and is bought together. Refuses to know in which message a code stands.
"""

"""GROUND: layout, components, colours and type, charts as SVG, words of quantities; one template for each pattern.

Writes nothing. Refuses to know rooms: they hand it what is to be shown.
"""

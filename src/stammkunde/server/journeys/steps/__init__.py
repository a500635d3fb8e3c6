"""Kinds of steps, a file each. Another room registers one of its own by deriving from `base.Step` under `base.kind`."""

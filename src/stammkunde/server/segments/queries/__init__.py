"""What the room knows: segments and their members, where customers stand, the shop's own words."""

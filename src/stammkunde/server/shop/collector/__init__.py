"""The collector: tracking calls of other makers' clients, stored before they are acknowledged, understood afterwards.

A request becomes one `Delivery` row and an answer; the job of the source (`shop.collecting`) reads rows into items by
the `dialects`, items into facts by `meaning`, and events of a shop visit into carts by `baskets`. Write keys are the
tokens of sources of the kind "collector"; they stand in pages of shops, so they are public: they let facts in and
nothing out.
"""

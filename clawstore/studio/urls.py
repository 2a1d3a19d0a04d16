"""URL patterns of the studio."""

from django.urls import path, register_converter

from clawstore.studio import items, overview
from clawstore.studio.addresses import DomainConverter

register_converter(DomainConverter, "studio")

DOMAIN = "studio/<studio:name>"
TYPE = f"{DOMAIN}/types/<slug:slug>"
ITEM = f"{DOMAIN}/items/<uuid:item_id>"
urlpatterns = [
    path("studio", overview.index, name="studio"),
    path(DOMAIN, overview.overview, name="studio_domain"),
    path(TYPE, overview.type_items, name="studio_type"),
    path(f"{TYPE}/new", items.new_item, name="studio_new_item"),
    path(ITEM, items.edit_item, name="studio_item"),
]

"""URL patterns of buying, of the own purchases, and of selling."""

from django.urls import path

from clawstore.sales import buying, selling, views
from clawstore.studio.addresses import register_converters

register_converters()

AGENT = "agents/@<str:scope>/<str:name>"
OWN = f"publish/{AGENT}/sales"
TEXTS = "texts/<studio:name>"

urlpatterns = [
    path(f"{AGENT}/versions/<str:version>/buy", views.buy, name="buy"),
    path("account/purchases", views.purchases, name="account_purchases"),
    path("account/purchases/<uuid:entitlement_id>", views.purchase_page, name="account_purchase"),
    path(f"{TEXTS}/items/<uuid:item_id>", buying.sold_item, name="sold_item"),
    path(f"{TEXTS}/items/<uuid:item_id>/text", buying.bought_text, name="bought_text"),
    path(f"{TEXTS}/<slug:slug>", buying.sold_type, name="sold_type"),
    path(OWN, selling.agent_sales, name="agent_sales"),
]

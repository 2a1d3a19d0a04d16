"""URL patterns of buying, of the own purchases, and of selling."""

from django.urls import path

from clawstore.sales import selling, views

AGENT = "agents/@<str:scope>/<str:name>"
OWN = f"publish/{AGENT}/sales"

urlpatterns = [
    path(f"{AGENT}/versions/<str:version>/buy", views.buy, name="buy"),
    path("account/purchases", views.purchases, name="account_purchases"),
    path("account/purchases/<uuid:entitlement_id>", views.purchase_page, name="account_purchase"),
    path(OWN, selling.agent_sales, name="agent_sales"),
]

from django.urls import path

from devtools.mock_wallet.views import pay

urlpatterns = [path("mock-wallet/<str:payment_hash>", pay, name="mock_wallet")]

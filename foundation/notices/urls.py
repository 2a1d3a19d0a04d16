from django.urls import path

from foundation.notices import views

urlpatterns = [path("account/notices", views.notices, name="notices")]

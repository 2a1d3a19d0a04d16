from django.urls import path

from clawstore.home import views

urlpatterns = [path("", views.home, name="home")]

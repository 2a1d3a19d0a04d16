from django.urls import path

from devtools.styleguide.views import gallery

urlpatterns = [path("gallery", gallery, name="gallery")]
